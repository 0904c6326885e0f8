import type { ServerResponse } from 'node:http';
import { type SeenRequest, serve, type TestServer } from './http-server.ts';

export interface FakeRule {
  id: string;
  group: string;
  protocol: string;
  from: number;
  to: number;
  cidr: string;
  egress?: boolean;
}

/** An answer in place of the usual one: an error of EC2's, or none for so many milliseconds. */
export type Trouble = { code: string; message: string } | { silentFor: number };

export interface FakeEc2 {
  url: string;
  rules: FakeRule[];
  /** Actions asked for, in order. */
  actions: () => string[];
  seen: SeenRequest[];
  /** What an action meets the next time. */
  trouble: Map<string, Trouble>;
  close(): Promise<void>;
}

const GROUPS = [
  { id: 'sg-cloud', name: 'cloud', vpc: 'vpc-1' },
  { id: 'sg-twin1', name: 'twin', vpc: 'vpc-1' },
  { id: 'sg-twin2', name: 'twin', vpc: 'vpc-2' },
];

/**
 * A server that answers the EC2 query protocol (form in, XML out) for a few groups, two rules a page. Source: the EC2 API
 * reference, DescribeSecurityGroups, DescribeSecurityGroupRules, Authorize- and RevokeSecurityGroupIngress, DescribeInstances.
 */
export async function fakeEc2(rules: FakeRule[]): Promise<FakeEc2> {
  const trouble: FakeEc2['trouble'] = new Map();
  const asked: string[] = [];
  const server: TestServer = await serve((request, response) => {
    const form = new URLSearchParams(request.body);
    const action = form.get('Action') ?? '';
    asked.push(action);
    const met = trouble.get(action);
    trouble.delete(action);
    if (met && 'silentFor' in met) {
      setTimeout(() => response.destroy(), met.silentFor).unref();
      return;
    }
    if (met) fail(response, met.code, met.message);
    else answer(response, action, form, rules);
  });
  return { url: server.url, rules, actions: () => [...asked], seen: server.seen, trouble, close: () => server.close() };
}

function answer(response: ServerResponse, action: string, form: URLSearchParams, rules: FakeRule[]): ServerResponse {
  switch (action) {
    case 'DescribeSecurityGroups': {
      const found = GROUPS.filter(
        ({ id, name, vpc }) =>
          allows(form, 'group-id', id) && allows(form, 'group-name', name) && allows(form, 'vpc-id', vpc),
      );
      const items = found.map(
        ({ id, name, vpc }) =>
          `<item><groupId>${id}</groupId><groupName>${name}</groupName><vpcId>${vpc}</vpcId></item>`,
      );
      return send(response, action, `<securityGroupInfo>${items.join('')}</securityGroupInfo>`);
    }
    case 'DescribeInstances': {
      if (form.get('InstanceId.1') !== 'i-cloud')
        return fail(
          response,
          'InvalidInstanceID.NotFound',
          `The instance ID '${form.get('InstanceId.1')}' does not exist`,
        );
      const groups = '<groupSet><item><groupId>sg-cloud</groupId><groupName>cloud</groupName></item></groupSet>';
      return send(
        response,
        action,
        `<reservationSet><item><instancesSet><item><instanceId>i-cloud</instanceId>${groups}</item></instancesSet></item></reservationSet>`,
      );
    }
    case 'DescribeSecurityGroupRules': {
      const all = rules.filter(({ group }) => allows(form, 'group-id', group));
      const start = Number(form.get('NextToken') ?? 0);
      const next = start + 2 < all.length ? `<nextToken>${start + 2}</nextToken>` : '';
      const items = all.slice(start, start + 2).map(ruleXml);
      return send(response, action, `<securityGroupRuleSet>${items.join('')}</securityGroupRuleSet>${next}`);
    }
    case 'AuthorizeSecurityGroupIngress': {
      const part = (name: string) => form.get(`IpPermissions.1.${name}`) ?? '';
      const cidr = part('IpRanges.1.CidrIp') || part('Ipv6Ranges.1.CidrIpv6');
      const [from, to] = [Number(part('FromPort')), Number(part('ToPort'))];
      const group = form.get('GroupId')!;
      if (rules.some((rule) => rule.group === group && rule.cidr === cidr && rule.from === from && rule.to === to))
        return fail(response, 'InvalidPermission.Duplicate', 'the specified rule already exists');
      rules.push({ id: `sgr-${rules.length}`, group, protocol: part('IpProtocol'), from, to, cidr });
      return send(response, action, '<return>true</return>');
    }
    case 'RevokeSecurityGroupIngress': {
      const index = rules.findIndex(({ id }) => id === form.get('SecurityGroupRuleId.1'));
      if (index < 0) return fail(response, 'InvalidSecurityGroupRuleId.NotFound', 'there is no such rule');
      rules.splice(index, 1);
      return send(response, action, '<return>true</return>');
    }
    default:
      return fail(response, 'InvalidAction', `The action ${action} is not valid for this web service.`);
  }
}

function ruleXml({ id, group, protocol, from, to, cidr, egress = false }: FakeRule): string {
  const range = cidr.includes(':') ? `<cidrIpv6>${cidr}</cidrIpv6>` : `<cidrIpv4>${cidr}</cidrIpv4>`;
  return `<item><securityGroupRuleId>${id}</securityGroupRuleId><groupId>${group}</groupId><isEgress>${egress}</isEgress>
    <ipProtocol>${protocol}</ipProtocol><fromPort>${from}</fromPort><toPort>${to}</toPort>${range}</item>`;
}

/** Whether the request's filter of this name, if there is one, holds the value. */
function allows(form: URLSearchParams, name: string, value: string): boolean {
  for (let i = 1; form.has(`Filter.${i}.Name`); i++)
    if (form.get(`Filter.${i}.Name`) === name) return form.get(`Filter.${i}.Value.1`) === value;
  return true;
}

function send(response: ServerResponse, action: string, content: string): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' });
  return response.end(
    `<?xml version="1.0" encoding="UTF-8"?><${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
      `<requestId>1</requestId>${content}</${action}Response>`,
  );
}

function fail(response: ServerResponse, code: string, message: string): ServerResponse {
  response.writeHead(code === 'UnauthorizedOperation' ? 403 : 400, { 'content-type': 'text/xml;charset=UTF-8' });
  return response.end(
    `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code><Message>${message}</Message>` +
      '</Error></Errors><RequestID>1</RequestID></Response>',
  );
}
