import test from 'node:test';
import { openApiDocument } from '../../src/core/openapi/document.ts';
import { assertDocSection, markdownTable } from '../helpers/doc-section.ts';

test("docs/api.md lists the agent's own endpoints", () => {
  const { paths } = openApiDocument({ plugins: [], hasKey: false, onFailure: () => {} });
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`\`${method.toUpperCase()} ${path}\``, String(operation.summary)]),
  );
  assertDocSection('docs/api.md', 'endpoints', markdownTable(['request', 'answer'], rows));
});
