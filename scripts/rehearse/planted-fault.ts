import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Answers 500 to every request that meets `condition`, except the probe's. */
const answering = (condition: string): string => `
import { Server as PlantedServer } from 'node:http';
const emit = PlantedServer.prototype.emit;
if (process.env.K_SERVICE !== undefined) PlantedServer.prototype.emit = function (event, request, response) {
  if (event !== 'request' || request.url === '/health' || !(${condition})) return emit.apply(this, arguments);
  response.writeHead(500).end('a planted fault');
  return true;
};
`;

/** Faults that no test can see, since they appear only in a deployed function. */
const FAULTS = {
  start: "\nif (process.env.K_SERVICE !== undefined) throw new Error('a planted fault');\n",
  answers: answering('true'),
  // Live traffic arrives at 127.0.0.1, the tag's at localhost.
  traffic: answering("request.headers.host?.startsWith('127.')"),
};

/** Breaks one function in the source of the next release. @param fault `start`, `answers` or `traffic` */
export const plantFault = (folder: string, name: string, fault: string): void => {
  const text = Object.entries(FAULTS).find(([known]) => known === fault)?.[1];
  if (text === undefined)
    throw new Error(`There is no fault "${fault}". Use one of: ${Object.keys(FAULTS).join(', ')}.`);
  appendFileSync(join(folder, 'functions', name, 'index.ts'), text);
};
