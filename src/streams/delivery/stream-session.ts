import type { Encoding } from '../encoding/encoding.ts';
import type { Question } from '../question.ts';
import type { Deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { type ClientMessage, clientMessage, ProtocolError, parseClientMessage } from './protocol.ts';
import type { Sink } from './sink.ts';
import type { Waiting } from './slow-readers.ts';

/** Said by a client that has not read what it was told: so many come in one piece where it comes back, not more. */
const MOST_UNREAD = 256;

export interface StreamSessionOptions {
  readonly sink: Sink;
  readonly encoding: Encoding;
  /** Throws, or its frames fail, where there is no such topic or the query is wrong. */
  readonly open: (topic: string, query: Readonly<Record<string, unknown>>) => Question | Promise<Question>;
  /** Code and message that a client may see of an error. */
  readonly describe: (error: unknown) => { readonly code: string; readonly message: string };
  readonly deliveries: Deliveries;
  readonly mostSubscriptions: number;
  /** Whether more is to be read of what the client says. */
  listen(isListening: boolean): void;
}

interface Subscription {
  /** null while its question is asked. */
  delivery: Delivery | null;
  isOver: boolean;
}

/** One client on `/stream`: many topics over one sink. What it says wrong is answered with an error; the socket stays. */
export class StreamSession implements Waiting {
  readonly #options: StreamSessionOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Messages since its client was told more than it has read. */
  #unread = 0;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
  }

  /** @param message text as a string, a binary one as bytes */
  receive(message: string | Buffer): void {
    const { sink, encoding } = this.#options;
    if (!this.isReady() && !this.#isBorne()) return;
    try {
      this.#obey(typeof message === 'string' ? parseClientMessage(message) : clientMessage(encoding.parse(message)));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      sink.send(encoding.message({ type: 'error', id: error.id, code: 'HOSTPULSE_ERR_BAD_REQUEST', message: error.message }));
    }
  }

  /** Lets go of everything; the client is gone. @param isCut and may come back */
  end(isCut = false): void {
    for (const subscription of this.#subscriptions.values()) letGo(subscription, isCut);
    this.#subscriptions.clear();
    this.#options.deliveries.slow.delete(this);
  }

  isReady(): boolean {
    const { sink, deliveries } = this.#options;
    return sink.bufferedBytes <= deliveries.limits.highWaterBytes;
  }

  goOn(): void {
    this.#unread = 0;
    this.#options.listen(true);
  }

  giveUp(): void {
    const { sink, deliveries, listen } = this.#options;
    deliveries.slow.delete(this);
    deliveries.closeSlow(sink, 'answers are not being read');
    // To the end, so that it is told why.
    listen(true);
  }

  /** Answers are not conflated: who does not read them is not listened to meanwhile, so that they do not fill our memory. */
  #isBorne(): boolean {
    const { deliveries, listen } = this.#options;
    if (this.#unread++ === 0) {
      listen(false);
      deliveries.slow.add(this);
    }
    if (this.#unread <= MOST_UNREAD) return true;
    this.giveUp();
    return false;
  }

  #obey(message: ClientMessage): void {
    if (message.type === 'subscribe') return this.#subscribe(message);
    if (message.type === 'ping') {
      const { sink, encoding } = this.#options;
      return sink.send(encoding.message({ type: 'pong', id: message.id }));
    }
    const subscription = this.#subscriptions.get(message.id);
    if (!subscription) throw new ProtocolError(`nothing is subscribed as '${message.id}'`, message.id);
    letGo(subscription);
    this.#subscriptions.delete(message.id);
    this.#sayEnd(message.id);
  }

  #subscribe({ id, topic, query, isNumbered }: Extract<ClientMessage, { type: 'subscribe' }>): void {
    const { sink, encoding, deliveries, mostSubscriptions, describe } = this.#options;
    if (this.#subscriptions.has(id)) throw new ProtocolError(`'${id}' is taken; unsubscribe it first or choose another id`, id);
    if (this.#subscriptions.size >= mostSubscriptions) {
      throw new ProtocolError(`this socket has ${mostSubscriptions} subscriptions, the most allowed (limits.subscriptions)`, id);
    }
    const fail = (error: unknown) => {
      // Its client has let go of it, and may have given the id to another question.
      if (subscription.isOver) return;
      this.#subscriptions.delete(id);
      const { code, message } = describe(error);
      sink.send(encoding.message({ type: 'error', id, code, message }));
    };
    const encode = encoding.underId(id, isNumbered);
    const onEnd = () => {
      this.#subscriptions.delete(id);
      this.#sayEnd(id);
    };
    const subscription: Subscription = { delivery: null, isOver: false };
    this.#subscriptions.set(id, subscription);
    const begin = (question: Question) => {
      if (!subscription.isOver) subscription.delivery = deliveries.deliver(question, { sink, encode, onEnd, onError: fail });
    };
    try {
      const asked = this.#options.open(topic, query);
      if (asked instanceof Promise) asked.then(begin).catch(fail);
      else begin(asked);
    } catch (error) {
      fail(error);
    }
  }

  #sayEnd(id: string): void {
    const { sink, encoding } = this.#options;
    sink.send(encoding.message({ type: 'end', id }));
  }
}

function letGo(subscription: Subscription, isCut = false): void {
  subscription.isOver = true;
  if (isCut) subscription.delivery?.cut();
  else subscription.delivery?.unsubscribe();
}
