export { conformanceProblems } from '../../src/core/conformance.ts';
