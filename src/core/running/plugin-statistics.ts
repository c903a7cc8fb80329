/** What the agent counts about one plugin. */
export class PluginStatistics {
  requests = 0;
  errors = 0;
  /** Longest time the plugin's handler took, milliseconds. */
  handlerMaxMs = 0;
  #handlerTotalMs = 0;
  #last: { readonly message: string; readonly timestampMs: number } | null = null;

  handled(ms: number): void {
    this.requests++;
    this.#handlerTotalMs += ms;
    this.handlerMaxMs = Math.max(this.handlerMaxMs, ms);
  }

  failed(error: unknown): void {
    this.errors++;
    this.#last = { message: error instanceof Error ? error.message : String(error), timestampMs: Date.now() };
  }

  get lastError() {
    return this.#last;
  }

  toJSON(): object {
    const { requests, errors } = this;
    const round = (ms: number) => Math.round(ms * 1000) / 1000;
    const handlerMeanMs = requests === 0 ? null : round(this.#handlerTotalMs / requests);
    return { requests, errors, handlerMeanMs, handlerMaxMs: requests === 0 ? null : round(this.handlerMaxMs) };
  }
}
