import { concat, concatMap, defer, finalize, map, type Observable, of, tap } from 'rxjs';
import {
  type Answer,
  BasePlugin,
  HostpulseError,
  type PastStart,
  type PastValue,
  type Query,
  type RequestData,
  readDuration,
  readWords,
  refuseUnknown,
} from '../../core/base-plugin.ts';
import { poll } from '../../streams/poll.ts';
import { sequencer } from '../../streams/sequence.ts';
import { SharedByKey } from '../../streams/shared-by-key.ts';
import { Assembly, type Whole } from './assembly.ts';
import { identitiesOf, type Part, pacedQuery, parseParts } from './parts.ts';
import { together } from './past.ts';
import { fields, type Parameters, parameterSchema, variables } from './schema.ts';

/** What is asked: which parts, and at which pace; null where each part is to come at its own. */
interface Question {
  readonly key: string;
  readonly parts: readonly Part[];
  readonly intervalMs: number | null;
}

type Snapshot = Readonly<Record<string, unknown>>;

const LONGEST_INTERVAL_MS = 3_600_000;
/** Answers to questions that nobody listens to are kept for who asks the same before anything has changed. */
const MOST_KEPT = 16;

/** One answer of many plugins' parts. Topic: `state`, which its URL streams. */
export default class SystemInfo extends BasePlugin<Parameters> {
  static override readonly fields = fields;
  static override readonly variables = variables;
  static override readonly parameterSchema = parameterSchema;

  readonly #parts = parseParts(this.parameters.parts);
  readonly #streams = new SharedByKey<Snapshot>();
  /** Published last, by question, while somebody listens. */
  readonly #newest = new Map<string, Snapshot>();
  readonly #kept = new Map<string, { readonly whole: Whole; readonly answer: Snapshot }>();
  readonly #nextSequence = sequencer(Date.now);

  override requestHandler(data: RequestData): Answer | Promise<Answer> {
    const { requestHeaders: _headers, subpath: _subpath, method: _method, clientIp: _ip, ...query } = data;
    const question = this.#parse(query);
    const newest = this.#newest.get(question.key);
    if (newest) return [200, newest];
    return this.#assembly(question)
      .now()
      .then((whole) => [200, this.#unchanged(question, whole)] as const);
  }

  override observables() {
    const values = (query: Query) => this.#answers(this.#parse(query));
    const history = (query: Query, start: PastStart) => this.#history(this.#parse(query), start);
    return { state: { values, history } };
  }

  /** The others tell their own numbers. */
  override collectors() {
    return {};
  }

  /** Of the parts' lists, as their plugins declare them now. */
  override identities(): Readonly<Record<string, string>> {
    return identitiesOf(this.#parts, this.plugins);
  }

  #answers(question: Question): Observable<Snapshot> {
    return this.#streams.get(question.key, () => {
      const assembly = this.#assembly(question);
      const intervalMs = question.intervalMs ?? this.parameters.intervalMs;
      return defer(() => {
        const observing = assembly.observe();
        const ticks = poll({ intervalMs, read: () => assembly.now() });
        const wholes = concat(
          defer(() => assembly.now()),
          ticks.pipe(concatMap((result) => (result.ok ? of(result.value) : []))),
        );
        return wholes.pipe(
          map((whole) => this.#answer(whole)),
          tap((answer) => this.#newest.set(question.key, answer)),
          finalize(() => {
            observing.unsubscribe();
            this.#newest.delete(question.key);
          }),
        );
      });
    });
  }

  /** What the parts remember, whether anybody listened here or not. */
  #history({ parts, intervalMs }: Question, start: PastStart): Iterable<PastValue> {
    // Sequences of the parts are times, too.
    const pasts = parts.map(({ name, path, route, query }) => {
      const paced = pacedQuery(query, intervalMs, this.plugins.describe(route));
      const queries = paced === query ? [query] : [paced, query];
      return { name, values: remembered(queries.map((each) => () => this.plugins.past(path, each, start))) };
    });
    return together(pasts, intervalMs ?? this.parameters.intervalMs);
  }

  #assembly({ parts, intervalMs }: Question): Assembly {
    return new Assembly({ parts, intervalMs, plugins: this.plugins });
  }

  #answer({ values, missing }: Whole): Snapshot {
    return Object.freeze({ sequence: this.#nextSequence(), timestampMs: Date.now(), ...values, missing });
  }

  /** The same answer as last time where every part is the same: it is encoded already. */
  #unchanged({ key }: Question, whole: Whole): Snapshot {
    const kept = this.#kept.get(key);
    const names = Object.keys(whole.values);
    if (kept && names.every((name) => kept.whole.values[name] === whole.values[name] && kept.whole.missing[name] === whole.missing[name]))
      return kept.answer;
    const answer = this.#answer(whole);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, { whole, answer });
    return answer;
  }

  /** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
  #parse(query: Query): Question {
    refuseUnknown(query, Object.keys(variables));
    const names = this.#parts.map(({ name }) => name);
    const wanted = readWords(query, 'parts', names.join(', '), (word) => names.includes(word));
    const intervalMs = readDuration(query, 'interval', this.parameters.shortestIntervalMs, LONGEST_INTERVAL_MS);
    const parts = this.#parts.filter(({ name }) => wanted === null || wanted.includes(name));
    return { key: `${intervalMs} ${parts.map(({ name }) => name).join()}`, parts, intervalMs };
  }
}

/** Who does not know this interval is told at its own; a part that refuses at all is missing, not everything. */
function* remembered(ways: readonly (() => Iterable<PastValue>)[]): Generator<PastValue> {
  let isBegun = false;
  for (const past of ways) {
    try {
      for (const value of past()) {
        isBegun = true;
        yield value;
      }
      return;
    } catch (error) {
      if (!(error instanceof HostpulseError)) throw error;
    }
    if (isBegun) return;
  }
}
