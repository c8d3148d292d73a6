import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Answers 500 to all but the probe, when `condition` holds of the request. */
const answering = (condition: string): string => `
import { Server as PlantedServer } from 'node:http';
const emit = PlantedServer.prototype.emit;
if (process.env.K_SERVICE !== undefined) PlantedServer.prototype.emit = function (event, request, response) {
  if (event !== 'request' || request.url === '/health' || !(${condition})) return emit.apply(this, arguments);
  response.writeHead(500).end('a planted fault');
  return true;
};
`;

/** Faults that no test sees, since they show only where the function is deployed. */
const FAULTS = {
  start: "\nif (process.env.K_SERVICE !== undefined) throw new Error('a planted fault');\n",
  answers: answering('true'),
  // The traffic arrives at 127.0.0.1, the tag at localhost.
  traffic: answering("request.headers.host?.startsWith('127.')"),
};

/** Breaks one function in the source that is about to be released. @param fault `start`, `answers` or `traffic` */
export const plantFault = (folder: string, name: string, fault: string): void => {
  const text = Object.entries(FAULTS).find(([known]) => known === fault)?.[1];
  if (text === undefined) throw new Error(`No such fault as "${fault}": ${Object.keys(FAULTS).join(', ')}`);
  appendFileSync(join(folder, 'functions', name, 'index.ts'), text);
};
