import { filterError } from '../errors.ts';

export type VersionType = 'loose' | 'strict' | 'semver' | 'pep440';

/** Compares two versions by the rules of a kind of version. Throws when one is not of that kind. */
export function compareVersions(a: string, b: string, type: VersionType): number {
  switch (type) {
    case 'loose':
      return compareParts(looseParts(a), looseParts(b));
    case 'strict':
      return compareLists(strictParts(a), strictParts(b));
    case 'semver':
      return compareSemantic(a, b);
    case 'pep440':
      return compareLists(pep440Key(a), pep440Key(b));
  }
}

type Part = number | string;
type Key = Part | Key[];

function bad(message: string): Error {
  return filterError(`Version comparison failed: ${message}`);
}

function looseParts(version: string): Part[] {
  const parts = version.match(/\d+|[a-z]+|\.|[^\da-z.]+/g) ?? [];
  return parts.filter((part) => part !== '.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareParts(a: Part[], b: Part[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index]!, b[index]!];
    if (typeof x !== typeof y) {
      const name = (part: Part) => (typeof part === 'number' ? 'int' : 'str');
      throw bad(`'<' not supported between instances of '${name(x)}' and '${name(y)}'`);
    }
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** Numbers before text, shorter lists first. */
function compareLists(a: Key[], b: Key[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareKeys(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareKeys(a: Key, b: Key): number {
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) ? 1 : -1;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function strictParts(version: string): Key[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
  if (!match) throw bad(`invalid version number '${version}'`);
  const [, major, minor, patch = '0', letter, number] = match;
  return [Number(major), Number(minor), Number(patch), letter ? letter : 'z', Number(number ?? 0)];
}

const semantic = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\dA-Za-z.-]+))?(?:\+[\dA-Za-z.-]+)?$/;

function compareSemantic(a: string, b: string): number {
  const [x, y] = [semantic.exec(a), semantic.exec(b)];
  if (!x || !y) throw bad(`invalid semantic version '${x ? b : a}'`);
  const core = compareLists(x.slice(1, 4).map(Number), y.slice(1, 4).map(Number));
  if (core !== 0) return core;
  const [pre, other] = [x[4], y[4]];
  if (pre === undefined || other === undefined) return Number(pre === undefined) - Number(other === undefined);
  const parts = (text: string) => text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return compareLists(parts(pre), parts(other));
}

const pep440 =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d+)?)?([-_.]?dev[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

function pep440Key(version: string): Key[] {
  const match = pep440.exec(version.trim());
  if (!match) throw bad(`Invalid version: '${version}'`);
  const [whole, epoch, release, pre, preNumber, dashPost, wordPost, dev, devNumber, local] = match;
  const numbers = release!.split('.').map(Number);
  while (numbers.length > 1 && numbers.at(-1) === 0) numbers.pop();
  const isPost = dashPost !== undefined || /(?:post|rev|r)[-_.]?\d*(?:[-_.]?dev|\+|$)/i.test(whole.replace(/rc/i, 'c'));
  const stage =
    pre === undefined
      ? undefined
      : pre.toLowerCase()[0] === 'p' || pre.toLowerCase() === 'c'
        ? 'r'
        : pre.toLowerCase()[0]!;
  const preKey: Key[] = stage !== undefined ? [1, stage, Number(preNumber ?? 0)] : dev && !isPost ? [0] : [2];
  const localKey = local
    ?.split(/[-_.]/)
    .map((part): Key => (/^\d+$/.test(part) ? [1, Number(part)] : [0, part.toLowerCase()]));
  return [
    Number(epoch ?? 0),
    numbers,
    preKey,
    isPost ? [1, Number(dashPost ?? wordPost ?? 0)] : [0],
    dev ? [0, Number(devNumber ?? 0)] : [1],
    localKey ?? [],
  ];
}
