import meta from '../../tasks/meta.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(meta, {
  reads: [[{ free_form: 'flush_handlers' }, { free_form: 'flush_handlers' }]],
  refuses: [{ free_form: 'flush' }, {}],
  freeForm: { argument: 'free_form', keyValues: 'none' },
});
