import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askedFor } from '../../run/execute/play-variables.ts';

const prompts = suite('vars_prompt');

/** Asks with these answers; gives what was asked and what came of it. */
async function asked(confirm: boolean, answers: (string | undefined)[]) {
  const texts: string[] = [];
  const ask = (question: { text: string }): Promise<string | undefined> => {
    texts.push(question.text);
    return Promise.resolve(answers.shift());
  };
  return { answer: await askedFor('Port: ', { private: true, confirm }, ask), texts };
}

prompts('one answer is enough', async () => {
  assert.equal(await asked(false, ['1']), { answer: '1', texts: ['Port: '] });
});

prompts('confirm asks until the same was said twice', async () => {
  assert.equal(await asked(true, ['1', '2', '3', '3']), {
    answer: '3',
    texts: ['Port: ', 'confirm Port: ', '***** VALUES ENTERED DO NOT MATCH ****\nPort: ', 'confirm Port: '],
  });
});

prompts('where nobody answers, nobody is asked again', async () => {
  assert.equal(await asked(true, [undefined]), { answer: undefined, texts: ['Port: '] });
});

prompts.run();
