import type { Name, X509 } from './library.ts';

/** Attributes of a name: OID, short name, long name, and the string type where it is not UTF-8. Source: RFC 5280, appendix A. */
const ATTRIBUTES: readonly [oid: string, short: string, long: string, type?: 'printableString' | 'ia5String'][] = [
  ['2.5.4.6', 'C', 'countryName', 'printableString'],
  ['2.5.4.8', 'ST', 'stateOrProvinceName'],
  ['2.5.4.7', 'L', 'localityName'],
  ['2.5.4.10', 'O', 'organizationName'],
  ['2.5.4.11', 'OU', 'organizationalUnitName'],
  ['2.5.4.3', 'CN', 'commonName'],
  ['1.2.840.113549.1.9.1', 'E', 'emailAddress', 'ia5String'],
  ['2.5.4.5', 'serialNumber', 'serialNumber', 'printableString'],
  ['2.5.4.4', 'SN', 'surname'],
  ['2.5.4.42', 'GN', 'givenName'],
  ['2.5.4.12', 'T', 'title'],
  ['2.5.4.9', 'STREET', 'streetAddress'],
  ['2.5.4.17', 'postalCode', 'postalCode'],
  ['0.9.2342.19200300.100.1.1', 'UID', 'userId'],
  ['0.9.2342.19200300.100.1.25', 'DC', 'domainComponent', 'ia5String'],
];

/** A name's attributes, in order: `[['commonName', 'lamp']]`. */
export type Subject = readonly (readonly [attribute: string, value: string])[];

/** The OID of an attribute's short or long name; undefined when it is none. */
export function attributeOid(name: string): string | undefined {
  if (/^\d+(\.\d+)+$/.test(name)) return name;
  const lower = name.toLowerCase();
  return ATTRIBUTES.find(([, short, long]) => [short, long].some((each) => each.toLowerCase() === lower))?.[0];
}

export function nameOf({ Name }: X509, subject: Subject): Name {
  return new Name(
    subject.map(([attribute, value]) => {
      const oid = attributeOid(attribute)!;
      const type = ATTRIBUTES.find(([each]) => each === oid)?.[3] ?? 'utf8String';
      return { [oid]: [{ [type]: value }] };
    }),
  );
}

/** With long names, as community.crypto returns them. */
export function subjectOf(name: Name): [string, string][] {
  return name.toJSON().flatMap((part) =>
    Object.entries(part).flatMap(([attribute, values]) => {
      const oid = attributeOid(attribute);
      const long = ATTRIBUTES.find(([each]) => each === oid)?.[2] ?? attribute;
      return values.map((value): [string, string] => [long, value]);
    }),
  );
}
