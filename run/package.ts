const fromSource = import.meta.url.endsWith('.ts');

/** How people start this program: from a checkout by tsx, or as the command of the installed package. */
export const CALLED_AS = fromSource ? 'npx tsx run' : 'lamplighter';

/** The directory with package.json, playbooks/ and docs/. */
export const PACKAGE_ROOT = new URL(fromSource ? '../' : '../../', import.meta.url);
