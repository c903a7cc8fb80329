import type { FileBytes } from '../../core/base-plugin.ts';
import type { Column } from './schema.ts';

/** Some numbers of a container, by column; NaN where unknown. */
export type Row = Float64Array;

/** A file of a group, and what it says. */
export interface Part {
  readonly path: string;
  /** It is needed only where this is not known yet. */
  readonly unless?: Column;
  /** Puts it into the row. @throws where the file is not as expected */
  readonly read: (file: FileBytes, row: Row) => void;
}
