import type { FactGroup } from './group.ts';

const QUESTION = `import sys
v = sys.version_info
print(*v, sys.implementation.name, sys.executable, sep="\\n")
try:
    from ssl import SSLContext
    print("ssl")
except ImportError:
    pass`;

/** The host's own Python, for roles that choose packages by it; nothing where there is none, and nothing needs it. */
export const python: FactGroup = {
  name: 'python',
  minimal: true,
  names: ['python', 'python_version'],
  scripts: [
    'fact_section python',
    // The system's own comes first, as in Ansible's discovery.
    `for m_python in /usr/bin/python3 python3; do command -v "$m_python" >/dev/null || continue; "$m_python" -Ec '${QUESTION}'; break; done 2>/dev/null`,
  ],
  facts: (host) => {
    const [major, minor, micro, releaselevel, serial, type, executable, ssl] = (host.section('python') ?? '').split(
      '\n',
    );
    if (executable === undefined) return {};
    const version = { major: Number(major), minor: Number(minor), micro: Number(micro) };
    return {
      python: {
        version: { ...version, releaselevel, serial: Number(serial) },
        version_info: [...Object.values(version), releaselevel, Number(serial)],
        executable,
        has_sslcontext: ssl === 'ssl',
        type,
      },
      python_version: `${major}.${minor}.${micro}`,
    };
  },
};
