import { Self } from './blocks.ts';
import type { Code, Render } from './frame.ts';
import { Out } from './out.ts';

/** Renders a template and, when it extends others, those in its place. */
export function runTemplate(render: Render, code: Code): Out {
  const out = new Out();
  for (let current: Code | undefined = code; current; current = render.extended) {
    render.extended = undefined;
    for (const block of current.blocks) {
      const chain = render.blocks.get(block.name);
      if (chain) chain.push(block);
      else render.blocks.set(block.name, [block]);
    }
    if (render.blocks.size > 0) render.top.set('self', new Self(render));
    out.muted = false;
    current.execute(render.top, out);
  }
  return out;
}
