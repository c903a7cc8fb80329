/** Convict formats that refuse what convict's own let through ('80abc' as a port, 'no' as true). */
import convict from 'convict';

function check(isRight: boolean, allowed: string, value: unknown): void {
  // Convict appends the value itself, except where it is falsy.
  if (!isRight) throw new Error(value ? `allowed: ${allowed}` : `allowed: ${allowed}: value was ${JSON.stringify(value)}`);
}

const toInteger = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text);
const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};
const isText = (value: unknown): value is string => typeof value === 'string';

convict.addFormats({
  tcpPort: {
    validate: (value: unknown) =>
      check(Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535, '0 to 65535 (0: any free port)', value),
    coerce: toInteger,
  },
  positiveInteger: {
    validate: (value: unknown) =>
      check(Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 2 ** 31 - 1, 'a whole number from 1', value),
    coerce: toInteger,
  },
  flag: {
    validate: (value: unknown) => check(typeof value === 'boolean', 'true or false', value),
    coerce: (text: string) => FLAGS[text.trim().toLowerCase()] ?? text,
  },
  text: {
    validate: (value: unknown) => check(isText(value), 'text (put numbers into quotes)', value),
  },
  name: {
    validate: (value: unknown) => check(isText(value) && value.trim() !== '', 'text that is not empty', value),
  },
  directory: {
    validate: (value: unknown) => check(isText(value) && /^(\/|[A-Za-z]:[\\/])/.test(value), 'an absolute path', value),
  },
  route: {
    validate: (value: unknown) =>
      check(isText(value) && /^([A-Za-z0-9][A-Za-z0-9_-]*)?$/.test(value), 'letters, digits, - and _ (one URL segment)', value),
  },
  words: {
    validate: (value: unknown) => check(Array.isArray(value) && value.every(isText), 'a list of texts', value),
    coerce: (text: string) =>
      text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
  },
});

export { convict };
