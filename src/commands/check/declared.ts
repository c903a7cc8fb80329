import { declarationProblems, variableProblems } from '../../core/declaration.ts';
import type { PluginClass } from '../../core/running/plugin-class.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';
import type { Tell } from './findings.ts';

/** What the class says of itself, and what it could. */
export function tellDeclared(plugin: RunningPlugin, isJson: boolean, tell: Tell): void {
  const {
    pluginClass,
    version,
    topics: { names: topics },
  } = plugin;
  if (!pluginClass) return;
  const { name, parameterSchema = {}, fields, topicFields = {}, variables } = pluginClass;
  const problems = [
    ...(fields ? declarationProblems(fields) : []),
    ...Object.entries(topicFields).flatMap(([topic, own]) => declarationProblems(own).map((problem) => `topic ${topic}: ${problem}`)),
    ...(variables ? variableProblems(variables) : []),
    ...Object.keys(topicFields)
      .filter((topic) => !topics.includes(topic))
      .map((topic) => `topicFields has '${topic}', which is no topic; there is: ${topics.join(', ') || 'none'}`),
  ];
  for (const said of problems) tell({ level: 'problem', what: 'declaration', said });
  const hint = (said: string, advice: string) => tell({ level: 'hint', what: 'declaration', said, advice });
  if (!fields && isJson)
    hint('declares no fields', `static fields of ${name}: from them come this check, the OpenAPI document and /metrics`);
  for (const topic of topics.slice(1)) {
    if (!Object.hasOwn(topicFields, topic)) hint(`declares no fields for the topic ${topic}`, `static topicFields = { ${topic}: { ... } }`);
  }
  const silent = Object.entries(parameterSchema).filter(([, leaf]) => isLeaf(leaf) && !(leaf as { doc?: unknown }).doc);
  for (const [parameter] of silent)
    hint(`the parameter ${parameter} has no doc`, `${parameter}: { doc: 'what it does, with its unit', ... }`);
  if (version === null) hint('has no version', `static readonly version = '0.1.0': /plugins shows it`);
  if (problems.length === 0 && fields) tell({ level: 'fine', what: 'declaration', said: summary(pluginClass) });
}

function isLeaf(node: object): boolean {
  return 'default' in node;
}

function summary({ fields = {}, variables = {}, parameterSchema = {} }: PluginClass): string {
  const list = (what: string, names: object) => `${what}: ${Object.keys(names).join(', ') || 'none'}`;
  return [list('fields', fields), list('variables', variables), list('parameters', parameterSchema)].join('; ');
}
