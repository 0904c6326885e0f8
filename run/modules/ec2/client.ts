import type { EC2Client, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { LamplighterError } from '../../errors.ts';

/*
 * What the module needs of EC2, by the AWS SDK, which is loaded only here: it takes 0.3 s and 130 MB.
 */

type Sdk = typeof import('@aws-sdk/client-ec2');

export interface Ec2Options {
  region?: string | undefined;
  /** Of the shared credentials file; otherwise the SDK's default chain: environment, files, instance metadata … */
  profile?: string | undefined;
  endpointUrl?: string | undefined;
  /** For one question to AWS, with its retries. */
  timeoutSeconds: number;
  signal: AbortSignal;
}

/** How a group is found: by one of the three. */
export interface GroupQuery {
  groupId?: string | undefined;
  groupName?: string | undefined;
  instanceId?: string | undefined;
  vpcId?: string | undefined;
}

/** One inbound rule as it is to be. */
export interface Permission {
  protocol: 'tcp' | 'udp';
  port: number;
  cidr: string;
  description?: string | undefined;
}

export type { SecurityGroupRule } from '@aws-sdk/client-ec2';

/** Asks EC2, page by page, and says its errors as a person can use them. */
export class Ec2 {
  private readonly sdk: Sdk;
  private readonly client: EC2Client;
  private readonly options: Ec2Options;

  private constructor(sdk: Sdk, options: Ec2Options) {
    this.sdk = sdk;
    this.options = options;
    const { region, profile, endpointUrl } = options;
    this.client = new sdk.EC2Client({
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    });
  }

  static async open(options: Ec2Options): Promise<Ec2> {
    return new Ec2(await import('@aws-sdk/client-ec2'), options);
  }

  close(): void {
    this.client.destroy();
  }

  /** @throws LamplighterError MODULE_FAILED when there is none, or more than one */
  async groupOf(query: GroupQuery): Promise<string> {
    const { groupId, groupName, instanceId, vpcId } = query;
    if (instanceId !== undefined) return this.groupOfInstance(instanceId);
    const filters = [
      ...(groupName === undefined ? [] : [{ Name: 'group-name', Values: [groupName] }]),
      ...(groupId === undefined ? [] : [{ Name: 'group-id', Values: [groupId] }]),
      ...(vpcId === undefined ? [] : [{ Name: 'vpc-id', Values: [vpcId] }]),
    ];
    const found = await this.pages('ec2:DescribeSecurityGroups', async (NextToken, abortSignal) => {
      const command = new this.sdk.DescribeSecurityGroupsCommand({ Filters: filters, NextToken });
      const { SecurityGroups = [], NextToken: next } = await this.client.send(command, { abortSignal });
      return { items: SecurityGroups, next };
    });
    return only(
      found.map(({ GroupId = '', VpcId = '' }) => ({ id: GroupId, shown: `${GroupId} (${VpcId})` })),
      `a security group ${groupId ?? `named "${groupName}"`}`,
      'vpc_id',
    );
  }

  private async groupOfInstance(instanceId: string): Promise<string> {
    const groups = await this.ask('ec2:DescribeInstances', async (abortSignal) => {
      const command = new this.sdk.DescribeInstancesCommand({ InstanceIds: [instanceId] });
      const { Reservations = [] } = await this.client.send(command, { abortSignal });
      return Reservations.flatMap(({ Instances = [] }) => Instances.flatMap((each) => each.SecurityGroups ?? []));
    });
    return only(
      groups.map(({ GroupId = '', GroupName = '' }) => ({ id: GroupId, shown: `${GroupId} (${GroupName})` })),
      `a security group of the instance ${instanceId}`,
      'group_id',
    );
  }

  /** The inbound rules of a group. */
  async rules(groupId: string): Promise<SecurityGroupRule[]> {
    const all = await this.pages('ec2:DescribeSecurityGroupRules', async (NextToken, abortSignal) => {
      const command = new this.sdk.DescribeSecurityGroupRulesCommand({
        Filters: [{ Name: 'group-id', Values: [groupId] }],
        NextToken,
      });
      const { SecurityGroupRules = [], NextToken: next } = await this.client.send(command, { abortSignal });
      return { items: SecurityGroupRules, next };
    });
    return all.filter(({ IsEgress }) => IsEgress !== true);
  }

  /** Adds a rule; one that somebody else added meanwhile is as good. */
  async add(groupId: string, { protocol, port, cidr, description }: Permission): Promise<void> {
    const text = description === undefined ? {} : { Description: description };
    const ranges = cidr.includes(':')
      ? { Ipv6Ranges: [{ CidrIpv6: cidr, ...text }] }
      : { IpRanges: [{ CidrIp: cidr, ...text }] };
    const command = new this.sdk.AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [{ IpProtocol: protocol, FromPort: port, ToPort: port, ...ranges }],
    });
    await this.ask(
      'ec2:AuthorizeSecurityGroupIngress',
      (abortSignal) => this.client.send(command, { abortSignal }),
      'InvalidPermission.Duplicate',
    );
  }

  /** Takes a rule away; one that is gone already is as good. */
  async remove(groupId: string, ruleId: string): Promise<void> {
    const command = new this.sdk.RevokeSecurityGroupIngressCommand({
      GroupId: groupId,
      SecurityGroupRuleIds: [ruleId],
    });
    await this.ask(
      'ec2:RevokeSecurityGroupIngress',
      (abortSignal) => this.client.send(command, { abortSignal }),
      'InvalidSecurityGroupRuleId.NotFound',
    );
  }

  private async pages<T>(
    action: string,
    page: (token: string | undefined, signal: AbortSignal) => Promise<{ items: T[]; next: string | undefined }>,
  ): Promise<T[]> {
    const all: T[] = [];
    let token: string | undefined;
    do {
      const { items, next } = await this.ask(action, (signal) => page(token, signal));
      all.push(...items);
      token = next;
    } while (token !== undefined && token !== '');
    return all;
  }

  /** @throws LamplighterError MODULE_FAILED or TIMEOUT; nothing for the error that is no trouble */
  private async ask<T>(action: string, question: (signal: AbortSignal) => Promise<T>, harmless?: string): Promise<T> {
    const limit = AbortSignal.timeout(this.options.timeoutSeconds * 1000);
    try {
      return await question(AbortSignal.any([limit, this.options.signal]));
    } catch (error) {
      const { name, message } = error as Error;
      if (name === harmless) return undefined as T;
      if (limit.aborted)
        throw new LamplighterError('TIMEOUT', `AWS did not answer ${action} within ${this.options.timeoutSeconds} s`, {
          hint: 'Look at region and endpoint_url, or give it more time by timeout.',
          cause: error,
        });
      const hint = hintOn(name, message, action);
      throw new LamplighterError('MODULE_FAILED', `AWS refused ${action}: ${message} (${name})`, {
        ...(hint === undefined ? {} : { hint }),
        cause: error,
      });
    }
  }
}

function only(found: { id: string; shown: string }[], what: string, remedy: string): string {
  const [first, second] = found;
  if (first === undefined) throw new LamplighterError('MODULE_FAILED', `AWS knows no ${what.replace(/^a /, '')}`);
  if (second === undefined) return first.id;
  const names = found.map(({ shown }) => shown).join(', ');
  throw new LamplighterError('MODULE_FAILED', `${what} is not one but ${found.length}: ${names}`, {
    hint: `Say which one by ${remedy}.`,
  });
}

function hintOn(name: string, message: string, action: string): string | undefined {
  if (name === 'UnauthorizedOperation') return `The user or role of these credentials needs the permission ${action}.`;
  if (name === 'AuthFailure' || name === 'InvalidClientTokenId') return 'The credentials are not (or no longer) valid.';
  if (name === 'CredentialsProviderError')
    return 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile; in EC2 a role of the instance will do.';
  if (/[Rr]egion is missing/.test(message)) return 'Set region, or the variable AWS_REGION.';
  if (name === 'RulesPerSecurityGroupLimitExceeded') return 'Rules can be joined: one wider range in place of many.';
  return undefined;
}
