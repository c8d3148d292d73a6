import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

const answers = async (port: number): Promise<boolean> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    return response.ok;
  } catch {
    return false;
  }
};

/**
 * Waits until the process serves on `port`: in production the framework announces nothing.
 * @returns false when it has ended before that
 */
export const waitUntilServing = async (child: ChildProcess, port: number): Promise<boolean> => {
  while (!(await answers(port))) {
    if (!isRunning(child)) return false;
    await pause(25);
  }
  return true;
};
