import type { FactGroup } from './group.ts';
import type { HostView } from './host-view.ts';

const DMI = '/sys/devices/virtual/dmi/id';

/**
 * Which virtual machine or container this is, and what it could host.
 * Source: module_utils/facts/virtual/linux.py, in its order: the first find is the type, all finds are technologies.
 */
export const virtual: FactGroup = {
  name: 'virtual',
  names: ['virtualization_*'],
  files: [
    '/proc/1/cgroup /run/systemd/container /proc/xen/capabilities /proc/self/status /proc/cpuinfo /proc/modules',
    `${DMI}/product_name ${DMI}/sys_vendor ${DMI}/product_family ${DMI}/bios_vendor`,
  ],
  scripts: [
    `fact_section environ; { tr '\\000' '\\n' </proc/1/environ; } 2>/dev/null
fact_exists /proc/vz /proc/lve /proc/bc /.dockerenv /.dockerinit /proc/xen /dev/kvm`,
  ],
  facts: (host) => {
    const finds = new Finds();
    containers(host, finds);
    machines(host, finds);
    kernel(host, finds);
    return finds.facts();
  },
};

class Finds {
  private readonly host = new Set<string>();
  private readonly guest = new Set<string>();
  private first: { type: string; role: string } | undefined;

  /** A technology of which this is a guest; the first one found names the type. */
  in(technology: string, options: { type?: string; names?: boolean } = {}): void {
    if (options.names !== false) this.guest.add(technology);
    this.first ??= { type: options.type ?? technology, role: 'guest' };
  }

  hosts(technology: string): void {
    this.host.add(technology);
    this.first ??= { type: technology, role: 'host' };
  }

  also(technology: string): void {
    this.guest.add(technology);
  }

  isIn(...technologies: string[]): boolean {
    return technologies.some((each) => this.guest.has(each));
  }

  facts(): Record<string, unknown> {
    return {
      virtualization_type: this.first?.type ?? 'NA',
      virtualization_role: this.first?.role ?? 'NA',
      virtualization_tech_guest: [...this.guest],
      virtualization_tech_host: [...this.host],
    };
  }
}

function containers(host: HostView, finds: Finds): void {
  for (const line of (host.file('/proc/1/cgroup') ?? '').split('\n')) {
    if (/\/docker(\/|-[0-9a-f]+\.scope)/.test(line)) finds.in('docker');
    if (/\/lxc\/|\/machine.slice\/machine-lxc/.test(line)) finds.in('lxc');
    if (/\/system.slice\/containerd.service/.test(line)) finds.in('containerd');
  }
  for (const line of host.lines('environ')) {
    if (line.includes('container=lxc')) finds.in('lxc');
    if (line.includes('container=podman')) finds.in('podman');
    if (/^container=./.test(line)) finds.in('container');
  }
  if (host.exists('/proc/vz') && !host.exists('/proc/lve')) {
    if (host.exists('/proc/bc')) finds.hosts('openvz');
    else finds.in('openvz');
  }
  const systemd = host.file('/run/systemd/container');
  if (systemd !== undefined) finds.in(systemd);
  if (host.exists('/.dockerenv') || host.exists('/.dockerinit')) finds.in('docker');
  if (systemd !== undefined || finds.isIn('docker', 'lxc', 'podman', 'openvz', 'containerd')) finds.also('container');
  if (!host.exists('/proc/xen')) return;
  if (host.file('/proc/xen/capabilities')?.includes('control_d')) finds.hosts('xen');
  else finds.in('xen', { names: false });
}

function machines(host: HostView, finds: Finds): void {
  const product = host.file(`${DMI}/product_name`) ?? '';
  const vendor = host.file(`${DMI}/sys_vendor`) ?? '';
  const bios = host.file(`${DMI}/bios_vendor`) ?? '';
  if (['KVM', 'KVM Server', 'Bochs', 'AHV'].includes(product)) finds.in('kvm');
  if (vendor === 'oVirt') finds.in('oVirt');
  if (vendor === 'Red Hat') {
    if (host.file(`${DMI}/product_family`) === 'RHV') finds.in('RHV');
    else if (product === 'RHEV Hypervisor') finds.in('RHEV');
  }
  if (['VMware Virtual Platform', 'VMware7,1'].includes(product)) finds.in('VMware');
  if (['OpenStack Compute', 'OpenStack Nova'].includes(product)) finds.in('openstack');
  if (bios === 'Xen') finds.in('xen');
  if (bios === 'innotek GmbH') finds.in('virtualbox');
  if (['Amazon EC2', 'DigitalOcean', 'Hetzner'].includes(bios)) finds.in('kvm');
  if (['QEMU', 'Amazon EC2', 'DigitalOcean', 'Google', 'Scaleway', 'Nutanix'].includes(vendor)) finds.in('kvm');
  if (vendor === 'KubeVirt') finds.in('KubeVirt');
  if (vendor === 'Microsoft Corporation') finds.in('VirtualPC');
  if (vendor === 'Parallels Software International Inc.') finds.in('parallels');
  if (vendor === 'OpenStack Foundation') finds.in('openstack');
}

function kernel(host: HostView, finds: Finds): void {
  const vserver = /^VxID:\s+(\d+)/m.exec(host.file('/proc/self/status') ?? '')?.[1];
  if (vserver === '0') finds.hosts('linux_vserver');
  else if (vserver !== undefined) finds.in('linux_vserver');
  const cpu = host.file('/proc/cpuinfo') ?? '';
  if (/^model name.*QEMU Virtual CPU/m.test(cpu)) finds.in('kvm');
  if (/^vendor_id.*User Mode Linux|^model name.*UML/m.test(cpu)) finds.in('uml');
  if (/^machine.*CHRP IBM pSeries .emulated by qemu./m.test(cpu)) finds.in('kvm');
  const modules = new Set((host.file('/proc/modules') ?? '').split('\n').map((line) => line.split(' ', 1)[0]));
  if (modules.has('kvm')) finds.hosts('kvm');
  if (modules.has('vboxdrv')) finds.hosts('virtualbox');
  // Ansible counts a guest's virtio among what the machine hosts.
  if (modules.has('virtio')) {
    finds.in('kvm', { names: false });
    finds.hosts('kvm');
  }
  if (host.exists('/dev/kvm')) finds.hosts('kvm');
}
