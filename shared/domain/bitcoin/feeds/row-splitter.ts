/** A real row has 200 bytes, and a real document has 100 around its rows. */
const MAX_TEXT_BYTES = 4 * 1024;

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('",[\\]{}');

/** Collects a text from pieces of chunks, and drops one that grows too long at once. */
const createText = () => {
  let parts: Uint8Array[] = [];
  let size = 0;
  return {
    add: (part: Uint8Array): void => {
      size += part.byteLength;
      if (size > MAX_TEXT_BYTES) parts = [];
      else parts.push(part);
    },
    /** Returns the text, or undefined if it was too long, and starts the next one. */
    take: (): string | undefined => {
      const text = size > MAX_TEXT_BYTES ? undefined : Buffer.concat(parts, size).toString();
      parts = [];
      size = 0;
      return text;
    },
  };
};

/**
 * Splits a JSON document into rows while its bytes arrive, so that neither size nor nesting costs memory. Rows are the
 * elements of the lists at `depth` brackets; the frame is the document without them. Nothing is validated here: the
 * document is JSON if the frame and every row are.
 */
export const createRowSplitter = (depth: number) => {
  const frame = createText();
  const row = createText();
  let level = 0;
  let rowsInList = 0;
  let isInString = false;
  let isEscaped = false;

  return {
    /** The rows that end in `chunk`; undefined for one of more than 4 KiB. */
    *split(chunk: Uint8Array): Generator<string | undefined> {
      let start = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at];
        if (isInString) {
          if (isEscaped) isEscaped = false;
          else if (byte === BACKSLASH) isEscaped = true;
          else if (byte === QUOTE) isInString = false;
        } else if (byte === QUOTE) {
          isInString = true;
        } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
          level += 1;
          if (level === depth) {
            frame.add(chunk.subarray(start, at + 1));
            start = at + 1;
            rowsInList = 0;
          }
        } else if (level === depth && (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT)) {
          row.add(chunk.subarray(start, at));
          const text = row.take();
          // An empty list has no row between its brackets, but after a comma there must be one.
          if (byte === COMMA || rowsInList > 0 || text?.trim() !== '') yield text;
          rowsInList += 1;
          start = byte === COMMA ? at + 1 : at;
          if (byte !== COMMA) level -= 1;
        } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
          level -= 1;
        }
      }
      (level < depth ? frame : row).add(chunk.subarray(start));
    },
    /** The frame of a document that has been split to its end; undefined if it has more than 4 KiB. */
    takeFrame: frame.take,
  };
};
