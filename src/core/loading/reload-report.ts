export interface Outcome {
  readonly plugin: string;
  readonly outcome: 'loaded' | 'reloaded' | 'unloaded' | 'refused';
  /** Why it was refused. */
  readonly message?: string;
  /** Of one that was refused: what ran before goes on. */
  readonly runsOn?: boolean;
}

export interface ReloadReport {
  readonly plugins: readonly Outcome[];
  /** Keys of the server's own configuration that have changed, and are heeded only by a new start. */
  readonly needsRestart: readonly string[];
}

/** Which plugins to bring up to date: all, those whose files have changed, or one by its name or route. */
export type Wanted = { readonly all: true } | { readonly changed: true } | { readonly name: string };
