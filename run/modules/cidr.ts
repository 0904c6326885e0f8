import { Address4, Address6 } from 'ip-address';
import { z } from 'zod';

/** A range of addresses as AWS and firewalls keep it: the network's own address, and a length. */
export function cidr(family: 4 | 6): z.ZodType<string> {
  return z
    .any()
    .transform((value, context) => {
      const network = networkOf(String(value).trim(), family);
      if (network !== undefined) return network;
      context.addIssue({ code: 'custom', message: `expected a range of IPv${family} addresses, not ${value}` });
      return z.NEVER;
    })
    .meta({ ansibleType: 'str' }) as unknown as z.ZodType<string>;
}

/** The range that is everybody. */
export function isAnywhere(range: string): boolean {
  return range.endsWith('/0');
}

function networkOf(text: string, family: 4 | 6): string | undefined {
  try {
    const address = family === 4 ? new Address4(text) : new Address6(text);
    const start = address.startAddress();
    return `${start.correctForm()}/${address.subnetMask}`;
  } catch {
    return undefined;
  }
}
