import { replyReader } from '../testing/resp.ts';
import { startProxy } from '../testing/tcp-proxy.ts';

/** A way to Redis that counts what passes, so the figures do not depend on what the server may say about itself. */
export const watchWire = async (redisPort: number) => {
  const commands: string[][] = [];
  const proxy = await startProxy(redisPort, {
    tap: () =>
      replyReader((command) => {
        if (Array.isArray(command)) commands.push(command.map(String));
      }),
  });
  return {
    port: proxy.port,
    /** The commands that pass while `work` runs, and how often something was sent after the replies so far. */
    during: async (work: () => Promise<unknown>) => {
      commands.length = 0;
      const before = proxy.trips();
      await work();
      return { commands: [...commands], trips: proxy.trips() - before };
    },
    stop: proxy.stop,
  };
};
