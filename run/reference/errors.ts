import { CODES, SITE_CODES } from '../lint/rules.ts';

/** docs/errors.md: what each code means. */
export function errorReference(): string {
  const rows = (codes: Record<string, string>): string =>
    Object.entries(codes)
      .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
      .join('\n');
  return `# Errors, warnings and lint

Made from the code by \`npm run docs\`.

Every mistake has a code, a place (file, line, column), the line itself, what was expected and, where there is one, the nearest name. A run
reads and checks everything before the first connection: it refuses what is surely wrong (exit code 1) and warns of what is doubtful.

\`npx tsx run lint [PATH…]\` finds all mistakes at once, in playbooks, roles, variables, templates and the inventory, and touches no host:

- \`--fix\` mends what is certain (a name with one nearest neighbour, quotes around a template, braces in a condition, a mode) and prints the rest
- \`--format json\` and \`--format sarif\` are for programs and code hosts
- \`-i INVENTORY\` judges connections, groups and the brokers of a whole site (default: inventory.yaml)
- exit code 0: nothing, or only warnings; 2: mistakes; 1: the lint itself could not be done

## Codes

| code | meaning |
| --- | --- |
${rows(CODES)}

## Rules on a whole site

What all hosts of the inventory show together, found before a host is touched. \`lint\` gives them in capitals, with every place that is involved.

| code | meaning |
| --- | --- |
${rows(SITE_CODES)}
`;
}
