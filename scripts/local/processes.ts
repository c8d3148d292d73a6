import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

/** Whether something takes connections at a port of this machine. */
export const isListening = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Waits until the process takes connections on `port`. @returns false when it has ended before that */
export const waitUntilListening = async (child: ChildProcess, port: number): Promise<boolean> => {
  while (!(await isListening(port))) {
    if (!isRunning(child)) return false;
    await pause(10);
  }
  return true;
};
