import type { FactGroup } from './group.ts';

/** Facts that the host's owner wrote: `*.fact` files, JSON or INI, or programs that print such. */
export const local: FactGroup = {
  name: 'local',
  minimal: true,
  names: ['local'],
  scripts: [
    `for m_each in "$m_fact_path"/*.fact; do
  [ -e "$m_each" ] || continue
  m_name=$(basename "$m_each" .fact)
  if [ -x "$m_each" ]; then
    m_output=$("$m_each" 2>/dev/null); m_rc=$?
  else
    m_output=$(cat "$m_each" 2>/dev/null); m_rc=0
  fi
  fact_section "local $m_rc $m_name"
  printf '%s\\n' "$m_output"
done`,
  ],
  facts: (host) => ({
    local: Object.fromEntries(
      host.sectionsBelow('local ').map(([name, text]) => {
        const [rc, base] = [name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1)];
        return [base, rc === '0' ? read(text, base) : `Failure executing fact script (${base}.fact), rc: ${rc}`];
      }),
    ),
  }),
};

function read(text: string, base: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return readIni(text) ?? `error loading facts as JSON or ini - please check content: ${base}.fact`;
  }
}

/** Sections with options in small letters, as Python's ConfigParser reads them; undefined for what is no INI. */
function readIni(text: string): Record<string, Record<string, string>> | undefined {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue;
    const section = /^\[([^\]]+)\]/.exec(line);
    if (section !== null) {
      current = sections[section[1]!] ??= {};
      last = undefined;
      continue;
    }
    if (current === undefined) return undefined;
    if (/^\s/.test(line) && last !== undefined) {
      current[last] += `\n${line.trim()}`;
      continue;
    }
    const option = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (option === null) return undefined;
    last = option[1]!.trim().toLowerCase();
    current[last] = option[2]!.trim();
  }
  return sections;
}
