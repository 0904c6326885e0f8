import { pathToFileURL } from 'node:url';
import { LamplighterError, type Place } from '../errors.ts';
import { errorText } from '../report/error-text.ts';
import { placeText, shortPath } from '../report/place.ts';
import type { Paint } from '../report/style.ts';
import type { Problem } from './problem.ts';
import { CODES, SITE_CODES } from './rules.ts';

export interface Look {
  cwd: string;
  paint: Paint;
}

/** For people: each problem with its line and a caret, then a count. */
export function textOf(problems: readonly Problem[], look: Look): string {
  const parts = problems.map((problem) => {
    const { message, place, hint } = problem;
    const text = errorText(new LamplighterError('USAGE', message, { place, hint }), look);
    const [, ...rest] = text.split('\n');
    const label = look.paint(problem.severity === 'error' ? 'failed' : 'warning', problem.severity);
    const others = (problem.related ?? []).map((each) => `see also ${placeText(each, look.cwd)}\n`).join('');
    const fix = problem.fix ? `--fix: ${problem.fix.wrong} -> ${problem.fix.right}\n` : '';
    const more = others + fix;
    return `${label} ${look.paint('dim', problem.code)} ${message}\n${rest.join('\n')}${more}\n`;
  });
  return parts.join('') + summary(problems);
}

function summary(problems: readonly Problem[]): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const fixable = problems.filter(({ fix }) => fix).length;
  const hint = fixable > 0 ? `; --fix mends ${fixable}` : '';
  return `${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}${hint}\n`;
}

/** For programs. */
export function jsonOf(problems: readonly Problem[], { cwd }: Look): string {
  const at = ({ file, line, column }: Place): object => ({ file: shortPath(file, cwd), line, column });
  const items = problems.map(({ code, severity, message, place, related, hint, fix }) => ({
    code,
    severity,
    message,
    ...(place ? at(place) : {}),
    ...(related ? { related: related.map(at) } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(fix ? { fix: { wrong: fix.wrong, right: fix.right } } : {}),
  }));
  return `${JSON.stringify(items, null, 2)}\n`;
}

const MEANINGS: Record<string, string | undefined> = { ...CODES, ...SITE_CODES };

/** SARIF 2.1.0, which code hosts show beside the lines: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export function sarifOf(problems: readonly Problem[], { cwd }: Look): string {
  const rules = [...new Set(problems.map(({ code }) => code))].map((id) => {
    const text = MEANINGS[id];
    return { id, ...(text === undefined ? {} : { shortDescription: { text } }) };
  });
  const location = (place: Place): object => ({
    physicalLocation: {
      artifactLocation: { uri: uriOf(place.file, cwd) },
      region: { startLine: place.line, startColumn: place.column },
    },
  });
  const fixes = ({ fix }: Problem): object =>
    fix
      ? {
          fixes: [
            {
              description: { text: `${fix.wrong} -> ${fix.right}` },
              artifactChanges: [
                {
                  artifactLocation: { uri: uriOf(fix.place.file, cwd) },
                  replacements: [
                    {
                      deletedRegion: {
                        startLine: fix.place.line,
                        startColumn: fix.place.column,
                        endColumn: fix.place.column + fix.wrong.length,
                      },
                      insertedContent: { text: fix.right },
                    },
                  ],
                },
              ],
            },
          ],
        }
      : {};
  const results = problems.map((problem) => ({
    ruleId: problem.code,
    level: problem.severity,
    message: { text: problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})` },
    locations: problem.place ? [location(problem.place)] : [],
    ...(problem.related ? { relatedLocations: problem.related.map(location) } : {}),
    ...fixes(problem),
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'lamplighter', rules } }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function uriOf(file: string, cwd: string): string {
  const short = shortPath(file, cwd);
  return short === file ? pathToFileURL(file).href : short.split('/').map(encodeURIComponent).join('/');
}
