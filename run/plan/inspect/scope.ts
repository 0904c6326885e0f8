import { isStandIn, standIn } from '../../task.ts';
import { type Evaluate, type Layer, layer, VariableScope } from '../scope.ts';
import { Pending } from '../signals.ts';

/** Whether the evaluation under way has met something that only a host can tell. Shared by the scopes of one host. */
export interface Doubt {
  met: boolean;
}

/**
 * The variables of a task before its host is touched. Where one is made of facts or results it is a text that stands for
 * it, the same wherever it is used, so that what is made of it can still be compared.
 */
export class InspectionScope extends VariableScope {
  private readonly host: string;
  private readonly doubt: Doubt;
  private readonly doubtful = new Set<string>();

  constructor(layers: readonly Layer[], evaluate: Evaluate, host: string, doubt: Doubt) {
    super(layers, evaluate);
    this.host = host;
    this.doubt = doubt;
  }

  override resolve(name: string): unknown {
    const before = this.doubt.met;
    this.doubt.met = false;
    try {
      return super.resolve(name);
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      this.doubt.met = true;
      return standIn(this.host, name);
    } finally {
      if (this.doubt.met) this.doubtful.add(name);
      this.doubt.met = before || this.doubtful.has(name);
    }
  }

  override with(values: Record<string, unknown>): InspectionScope {
    return new InspectionScope([layer(values, false), ...this.layers], this.evaluate, this.host, this.doubt);
  }
}

/** Whether a stand-in is anywhere in a value. */
export function holdsStandIn(value: unknown): boolean {
  if (typeof value === 'string') return isStandIn(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsStandIn);
}
