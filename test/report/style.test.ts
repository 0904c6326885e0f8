import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hostList } from '../../run/report/host-list.ts';
import { cut, painter, wantsColour, width } from '../../run/report/style.ts';

const style = suite('style');

style('colour: the option, the variables, the terminal, in this order', () => {
  const wants = (env: NodeJS.ProcessEnv, isTTY: boolean, asked?: boolean) => wantsColour({ asked, env, isTTY });
  assert.is(wants({}, true), true);
  assert.is(wants({}, false), false);
  assert.is(wants({ TERM: 'dumb' }, true), false);
  assert.is(wants({ NO_COLOR: '1' }, true), false);
  assert.is(wants({ NO_COLOR: '' }, true), true);
  assert.is(wants({ FORCE_COLOR: '1' }, false), true);
  assert.is(wants({ FORCE_COLOR: '0' }, true), false);
  assert.is(wants({ FORCE_COLOR: '1', NO_COLOR: '1' }, false), false);
  assert.is(wants({ FORCE_COLOR: '1' }, true, false), false);
  assert.is(wants({ NO_COLOR: '1' }, false, true), true);
});

style('each line is coloured by itself', () => {
  assert.is(painter(true)('ok', 'a\n\nb'), '\u001b[32ma\u001b[39m\n\n\u001b[32mb\u001b[39m');
  assert.is(painter(false)('ok', 'a\nb'), 'a\nb');
});

style('width counts cells', () => {
  assert.is(width('Straße'), 6);
  assert.is(width('灯台'), 4);
  assert.is(width('e\u0301'), 1);
  assert.is(width('\u001b[31mred\u001b[39m'), 3);
});

style('cut keeps within the cells', () => {
  assert.is(cut('lamplighter', 20), 'lamplighter');
  assert.is(cut('lamplighter', 5), 'lamp…');
  assert.is(cut('灯台灯台', 5), '灯台…');
});

style('a list of hosts names as many as fit, one at least', () => {
  const hosts = ['lamp01', 'lamp02', 'lamp03', 'lamp04'];
  assert.is(hostList(hosts, 40), 'lamp01, lamp02, lamp03, lamp04');
  assert.is(hostList(hosts, 24), 'lamp01, lamp02, … 2 more');
  assert.is(hostList(hosts, 3), 'lamp01, … 3 more');
});

style.run();
