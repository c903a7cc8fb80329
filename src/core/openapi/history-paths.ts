/** The past of a topic as columns: one pair of paths for all plugins. */
import type { Variables } from '../fields.ts';
import type { Schema } from './json-schema.ts';
import { jsonContent, type PathItem, refusals } from './parts.ts';
import { variableParts } from './variables.ts';

export const HISTORY_SCHEMA = 'History';

const variables = {
  last: { description: 'how far back; all that is kept where neither this nor since is given', example: '5m' },
  since: { description: 'everything behind the sample with this sequence', example: '1790000001812', type: 'integer' },
  step: { description: 'time of one point; where it is left out, one that gives at most a few hundred', example: '10s' },
  fields: {
    description: 'only these numbers: by name, by the path to them, or as a series is called; all where it is left out',
    example: 'rxBytesPerSecond,txBytesPerSecond',
    list: true,
  },
} as const satisfies Variables;

const numbers = (description: string): Schema => ({ type: 'array', items: { type: ['number', 'null'] }, description });

const historySchema: Schema = {
  type: 'object',
  properties: {
    fromTimestampMs: { type: 'integer', description: 'from where on was asked for; Unix time in milliseconds, as all of these' },
    toTimestampMs: { type: 'integer', description: 'when it was asked for' },
    stepMs: { type: 'number', description: 'time of one point' },
    timestampMs: {
      type: 'array',
      items: { type: 'number' },
      description: 'the end of each step, from the first that something is known of',
    },
    series: {
      type: 'object',
      description: 'by the path to the number, with the names of elements, as in a URL',
      additionalProperties: {
        type: 'object',
        properties: {
          unit: { type: ['string', 'null'], description: 'as declared' },
          mean: numbers('of the step; of what was measured over a time, weighted by that time'),
          min: numbers('of the samples in the step; `null` where there was none, or no value'),
          max: numbers('as min'),
        },
        required: ['unit', 'mean', 'min', 'max'],
      },
    },
  },
  required: ['fromTimestampMs', 'toTimestampMs', 'stepMs', 'timestampMs', 'series'],
};

const { parameters, query, requestBody, schemas } = variableParts(HISTORY_SCHEMA, variables);

export const historyParameters = parameters;

export const historySchemas = { ...schemas, [HISTORY_SCHEMA]: historySchema };

export function historyPaths(tag: string, needsKey: boolean): Record<string, PathItem> {
  const plugin = pathParameter('plugin', 'route of a plugin');
  const topic = pathParameter('topic', 'one of its topics; where it is left out, the one that its URL streams');
  const item = (summary: string, ofPath: readonly Schema[]): PathItem => {
    const ok = { description: 'The answer.', content: jsonContent({ $ref: `#/components/schemas/${HISTORY_SCHEMA}` }) };
    const description = "Other variables are the plugin's: which interfaces, which interval. A plugin's own `history` goes before.";
    const common = { tags: [tag], summary, description };
    return {
      get: { ...common, parameters: [...ofPath, ...query], responses: { 200: ok, ...refusals([400], needsKey) } },
      post: { ...common, parameters: ofPath, requestBody, responses: { 200: ok, ...refusals([400, 413, 415], needsKey) } },
    };
  };
  return {
    '/{plugin}/history': item('The past of what a plugin streams, as columns for plots', [plugin]),
    '/{plugin}/{topic}/history': item('The past of a topic, as columns for plots', [plugin, topic]),
  };
}

function pathParameter(name: string, description: string): Schema {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}
