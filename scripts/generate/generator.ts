/** A file that is made from the manifest. */
export interface Generator {
  readonly file: string;
  /** The whole text that the file should have; `current` is what it has, undefined when it is not there. */
  readonly render: (current: string | undefined) => string | Promise<string>;
}
