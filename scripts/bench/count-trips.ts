import { replyReader } from '../testing/resp.ts';
import { startProxy } from '../testing/tcp-proxy.ts';

/** What went to Redis during some work. */
export interface Traffic {
  /** Each with its arguments. */
  readonly commands: readonly (readonly string[])[];
  /** How often something was sent after the replies so far. */
  readonly trips: number;
}

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
    /** What passes while `work` runs. */
    during: async (work: () => Promise<unknown>): Promise<Traffic> => {
      commands.length = 0;
      const before = proxy.trips();
      await work();
      return { commands: [...commands], trips: proxy.trips() - before };
    },
    stop: proxy.stop,
  };
};
