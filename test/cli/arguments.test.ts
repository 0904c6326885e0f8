import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Arguments, parseArguments } from '../../run/cli/arguments.ts';

const args = suite('arguments');

function parse(line: string) {
  let out = '';
  let err = '';
  const parsed = parseArguments(line.split(' ').filter(Boolean), {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { parsed, out, err };
}

function good(line: string): Arguments {
  const { parsed, err } = parse(line);
  if ('exitCode' in parsed) throw new Error(err);
  return parsed;
}

args('short and long forms mean the same', () => {
  const long = good(
    'a.yml --inventory h --limit l --check --diff --tags t --extra-vars k=v --forks 3 --verbose --user u --become' +
      ' --ask-become-pass --ask-pass --timeout 9 --connection local --ask-vault-pass',
  );
  assert.equal(good('a.yml -i h -l l -C -D -t t -e k=v -f 3 -v -u u -b -K -k -T 9 -c local -J'), long);
  assert.equal(
    [long.check, long.diff, long.become, long.askBecomePass, long.askPass, long.askVaultPass],
    [true, true, true, true, true, true],
  );
  assert.equal([long.forks, long.timeout, long.verbosity], [3, 9, 1]);
});

args('every second name of Ansible is taken', () => {
  const first = good('a.yml -i h --private-key k --vault-password-file v --ask-vault-pass');
  assert.equal(good('a.yml --inventory-file h --key-file k --vault-pass-file v --ask-vault-password'), first);
  assert.equal(good('a.yml -i h --key-file=k --vault-pass-file=v --ask-vault-password'), first);
  assert.is(good('a.yml --conn-pass-file c').connectionPasswordFile, 'c');
  assert.is(good('a.yml --become-pass-file c').becomePasswordFile, 'c');
});

args('options may stand before, between and after playbooks', () => {
  assert.equal(good('-C a.yml -D b.yml -v').playbooks, ['a.yml', 'b.yml']);
});

args('what may be repeated adds up, in order', () => {
  const all = good('a.yml -i one -i two -e a=1 -e b=2 -t x,y -t z --skip-tags s, --vault-id d@f --vault-id p@prompt');
  assert.equal(all.inventory, ['one', 'two']);
  assert.equal(all.extraVars, ['a=1', 'b=2']);
  assert.equal(all.tags, ['x', 'y', 'z']);
  assert.equal(all.skipTags, ['s']);
  assert.equal(all.vaultIds, ['d@f', 'p@prompt']);
});

args('two runs of the parser share nothing', () => {
  good('a.yml -i one -t x -vv');
  const second = good('a.yml');
  assert.equal([second.inventory, second.tags, second.verbosity], [[], [], 0]);
});

args('verbosity counts', () => {
  assert.is(good('a.yml -v').verbosity, 1);
  assert.is(good('a.yml -vvv').verbosity, 3);
  assert.is(good('a.yml -vv -v -v').verbosity, 4);
});

args('nothing is on by itself', () => {
  const off = good('a.yml');
  const on = Object.entries(off).filter(([key, value]) => value === true && key !== 'color');
  assert.equal(on, []);
  assert.is(off.color, true);
  assert.is(good('a.yml --no-color').color, false);
});

args('an unknown option names the nearest', () => {
  const { parsed, err } = parse('a.yml --limt x');
  assert.equal(parsed, { exitCode: 1 });
  assert.match(err, "unknown option '--limt'");
  assert.match(err, 'Did you mean --limit?');
});

args('mistakes end with 1 and say what was expected', () => {
  const expected: [string, RegExp][] = [
    ['', /missing required argument 'playbook'/],
    ['a.yml -f 0', /expected a number of at least 1/],
    ['a.yml -f x', /expected a number of at least 1/],
    ['a.yml -i', /argument missing/],
    ['a.yml -K --become-password-file x', /cannot be used with/],
  ];
  for (const [line, message] of expected) {
    const { parsed, err } = parse(line);
    assert.equal(parsed, { exitCode: 1 }, line);
    assert.match(err, message);
  }
});

args('help goes to stdout, ends with 0 and names every option once', () => {
  const { parsed, out, err } = parse('--help');
  assert.equal(parsed, { exitCode: 0 });
  assert.is(err, '');
  for (const option of ['--limit', '--exit-drift', '--json', '--vault-id', '--list-tags'])
    assert.is(out.match(new RegExp(`^ {2}(-\\w, )?${option}\\b`, 'gm'))?.length, 1, option);
});

args.run();
