import { Socket } from 'node:net';
import { replaceItem, storedItems } from '../../../shared/domain/documents/items.ts';
import { ALWAYS } from '../../../shared/domain/documents/precondition.ts';
import { generationKey } from '../../../shared/domain/tag-generation.ts';
import { redis } from '../../../shared/redis/index.ts';

/* Replaces item 1 at a message, and is killed when that is answered, before it says so to the kept answers' tag. */

const PRICE = 2;
const generation = generationKey(storedItems.tag);

// Both nodes are connected to, so that from here on nothing waits for a dial.
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
