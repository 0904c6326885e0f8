import { escapeHtml } from '../python/arithmetic.ts';
import { intArgument } from '../python/method.ts';
import { pyString } from '../python/repr.ts';
import { iterate } from '../values/iterate.ts';
import { truthy } from '../values/truth.ts';

const httpPattern =
  /^((https?:\/\/|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)|(https?:\/\/)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(?::[\d]{1,5})?(?:[/?#]\S*)?$/i;
const mailPattern = /^\S+@\w[\w.-]*\.\w+$/;

export interface UrlizeArguments {
  readonly limit: unknown;
  readonly nofollow: unknown;
  readonly target: unknown;
  readonly rel: unknown;
  readonly schemes: unknown;
}

/** Jinja2's `urlize`: addresses in text become links. */
export function urlize(text: string, args: UrlizeArguments): string {
  const limit = args.limit === undefined || args.limit === null ? undefined : intArgument(args.limit);
  const rel = new Set(
    (args.rel === undefined || args.rel === null ? '' : pyString(args.rel)).split(/\s+/).filter(Boolean),
  );
  if (args.nofollow !== undefined && truthy(args.nofollow)) rel.add('nofollow');
  rel.add('noopener');
  const relation = ` rel="${escapeHtml([...rel].sort().join(' '))}"`;
  const target =
    args.target === undefined || args.target === null ? '' : ` target="${escapeHtml(pyString(args.target))}"`;
  const schemes = args.schemes === undefined || args.schemes === null ? [] : iterate(args.schemes).map(pyString);
  const shown = (url: string) => (limit !== undefined && url.length > limit ? `${url.slice(0, limit)}...` : url);

  const link = (word: string): string => {
    if (httpPattern.test(word)) {
      const href = /^https?:\/\//.test(word) ? word : `https://${word}`;
      return `<a href="${href}"${relation}${target}>${shown(word)}</a>`;
    }
    if (word.startsWith('mailto:') && mailPattern.test(word.slice(7))) return `<a href="${word}">${word.slice(7)}</a>`;
    const isMail = word.includes('@') && !word.startsWith('www.') && !word.includes(':') && mailPattern.test(word);
    if (isMail) return `<a href="mailto:${word}">${word}</a>`;
    if (schemes.some((scheme) => word !== scheme && word.startsWith(scheme))) {
      return `<a href="${word}"${relation}${target}>${word}</a>`;
    }
    return word;
  };
  return escapeHtml(text)
    .split(/(\s+)/)
    .map((word) => {
      const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
      const [middle, tail] = trimTail(word.slice(head.length));
      return head + link(middle) + tail;
    })
    .join('');
}

/** Punctuation behind an address is not part of it, closing brackets are if they were opened in it. */
function trimTail(word: string): [string, string] {
  let middle = word;
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? '';
  middle = middle.slice(0, middle.length - tail.length);
  for (const [open, close] of [
    ['(', ')'],
    ['<', '>'],
    ['&lt;', '&gt;'],
  ] as const) {
    const missing = Math.min(middle.split(open).length - middle.split(close).length, tail.split(close).length - 1);
    for (let count = 0; count < missing; count++) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return [middle, tail];
}
