import { from } from 'rxjs';
import { isComposed, isRecorded, type RecordedTopic, type Topic } from '../topic.ts';

/** @throws that something in it can be no topic */
export function checkedTopics(topics: unknown): Readonly<Record<string, Topic>> {
  if (typeof topics !== 'object' || topics === null) throw new Error(`observables() gave ${String(topics)}; allowed: topics by name`);
  for (const [name, topic] of Object.entries(topics)) {
    try {
      if (isRecorded(topic)) checkRecorded(topic);
      else if (isComposed(topic)) checkFunctions(topic.values, topic.history);
      else if (typeof topic !== 'function') from(topic);
    } catch {
      const allowed =
        'an observable, a function of the query that makes one, or an object of such functions: values and past, or values and history';
      throw new Error(`topic '${name}' is ${String(topic)}; allowed: ${allowed}`);
    }
  }
  return topics as Readonly<Record<string, Topic>>;
}

function checkRecorded({ values, past, remembers, kept }: RecordedTopic): void {
  const optional = [remembers, kept].filter((each) => each !== undefined);
  checkFunctions(values, past, ...optional);
}

function checkFunctions(...all: unknown[]): void {
  if (all.some((each) => typeof each !== 'function')) throw new TypeError('no topic');
}
