import { Socket } from 'node:net';
import { replaceItem, storedItems } from '../../../shared/domain/documents/items.ts';
import { ALWAYS } from '../../../shared/domain/documents/precondition.ts';
import { generationKey } from '../../../shared/domain/tag-generation.ts';
import { redis } from '../../../shared/redis/index.ts';

/* Replaces item 1 when it gets a message. Kills itself after the write, before it invalidates the cached answers. */

const PRICE = 2;
const generation = generationKey(storedItems.tag);

// Connect to both nodes now, so that nothing below waits for a connection.
await storedItems.get(1);
await redis((client) => client.get(generation));

let isWritten = false;
const write = new Proxy(Socket.prototype.write, {
  apply: (target, socket, args) => {
    const sent = String(args[0]);
    if (sent.includes(`"price":${PRICE}`)) {
      process.once('message', () => {
        isWritten = true;
        Reflect.apply(target, socket, args);
      });
      return true;
    }
    if (isWritten && sent.includes(generation)) process.kill(process.pid, 'SIGKILL');
    return Reflect.apply(target, socket, args);
  },
});
Reflect.set(Socket.prototype, 'write', write);
await replaceItem(1, { name: 'Tea', price: PRICE }, ALWAYS);
