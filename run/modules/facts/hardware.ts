import { type FactGroup, MACHINE } from './group.ts';
import { baseName, type HostView } from './host-view.ts';

export const memory: FactGroup = {
  name: 'memory',
  names: ['memtotal_mb', 'memfree_mb', 'swaptotal_mb', 'swapfree_mb', 'memory_mb'],
  files: ['/proc/meminfo'],
  facts: (host) => {
    const text = host.file('/proc/meminfo');
    if (text === undefined) return {};
    const mb: Record<string, number> = {};
    for (const match of text.matchAll(/^(\w+): +(\d+)/gm)) mb[match[1]!] = Math.floor(Number(match[2]) / 1024);
    const { MemTotal = 0, MemFree = 0, Cached = 0, Buffers = 0, SwapTotal = 0, SwapFree = 0, SwapCached = 0 } = mb;
    const free = Cached + MemFree + Buffers;
    return {
      memtotal_mb: MemTotal,
      memfree_mb: MemFree,
      swaptotal_mb: SwapTotal,
      swapfree_mb: SwapFree,
      memory_mb: {
        real: { total: MemTotal, used: MemTotal - MemFree, free: MemFree },
        nocache: { free, used: MemTotal - free },
        swap: { total: SwapTotal, free: SwapFree, used: SwapTotal - SwapFree, cached: SwapCached },
      },
    };
  },
};

export const processor: FactGroup = {
  name: 'processor',
  names: ['processor', 'processor_*'],
  files: ['/proc/cpuinfo', '/sys/hypervisor/type', '/proc/self/status'],
  scripts: ['fact_exists /proc/xen', MACHINE],
  facts: (host) => {
    const text = host.file('/proc/cpuinfo');
    if (text === undefined) return {};
    return countProcessors(
      text,
      host.section('machine')?.trim() ?? '',
      host.exists('/proc/xen') || host.file('/sys/hypervisor/type') === 'xen',
      affinity(host.file('/proc/self/status') ?? ''),
    );
  },
};

/**
 * Ansible's way of counting sockets, cores and threads.
 * Source: module_utils/facts/hardware/linux.py, get_cpu_facts
 */
function countProcessors(text: string, machine: string, xen: boolean, usable: number | undefined) {
  const list: string[] = [];
  const sockets = new Map<string, number>();
  const cores = new Map<string, number>();
  let count = 0;
  let vendors = 0;
  let models = 0;
  let processors = 0;
  let socket = '0';
  let core = '0';
  let paravirtual = false;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const key = (colon < 0 ? line : line.slice(0, colon)).trim();
    const value = colon < 0 ? '' : line.slice(colon + 1).trim();
    if (xen && key === 'flags' && !value.includes('vme')) paravirtual = true;
    if (['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor'].includes(key)) {
      list.push(value);
      count++;
      if (key === 'vendor_id') vendors++;
      if (key === 'model name') models++;
      if (key === 'processor') processors++;
    } else if (key === 'physical id') {
      socket = value;
      if (!sockets.has(socket)) sockets.set(socket, 1);
    } else if (key === 'core id') {
      core = value;
      if (!sockets.has(core)) cores.set(core, 1);
    } else if (key === 'cpu cores') sockets.set(socket, Number(value));
    else if (key === 'siblings') cores.set(core, Number(value));
  }
  if (vendors > 0 && vendors === models) count = vendors;
  if (/^(armv|aarch|ppc)/.test(machine)) count = processors;
  if (machine === 's390x') return { processor: list };
  if (paravirtual)
    return {
      processor: list,
      processor_count: count,
      processor_cores: count,
      processor_threads_per_core: 1,
      processor_vcpus: count,
    };
  const sockets_ = sockets.size || count;
  const cores_ = [...sockets.values()][0] || 1;
  const threads = Math.floor(([...cores.values()][0] ?? 1) / cores_);
  return {
    processor: list,
    processor_count: sockets_,
    processor_cores: cores_,
    processor_threads_per_core: threads,
    processor_vcpus: threads * sockets_ * cores_,
    processor_nproc: usable ?? processors,
  };
}

/** How many processors a process may use: `Cpus_allowed_list: 0-3,6`. */
function affinity(status: string): number | undefined {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
  return list?.split(',').reduce((sum, range) => {
    const [first, last = first] = range.split('-').map(Number);
    return sum + last! - first! + 1;
  }, 0);
}

const DMI = '/sys/devices/virtual/dmi/id';
/** Fact -> the kernel's file. */
const DMI_FILES: Record<string, string> = {
  bios_date: 'bios_date',
  bios_vendor: 'bios_vendor',
  bios_version: 'bios_version',
  board_asset_tag: 'board_asset_tag',
  board_name: 'board_name',
  board_serial: 'board_serial',
  board_vendor: 'board_vendor',
  board_version: 'board_version',
  chassis_asset_tag: 'chassis_asset_tag',
  chassis_serial: 'chassis_serial',
  chassis_vendor: 'chassis_vendor',
  chassis_version: 'chassis_version',
  form_factor: 'chassis_type',
  product_name: 'product_name',
  product_serial: 'product_serial',
  product_uuid: 'product_uuid',
  product_version: 'product_version',
  system_vendor: 'sys_vendor',
};
/** Names of chassis types, by number. Source: DMTF DSP0134. */
const FORM_FACTORS = [
  ...['Unknown', 'Other', 'Unknown', 'Desktop', 'Low Profile Desktop', 'Pizza Box', 'Mini Tower', 'Tower'],
  ...['Portable', 'Laptop', 'Notebook', 'Hand Held', 'Docking Station', 'All In One', 'Sub Notebook'],
  ...['Space-saving', 'Lunch Box', 'Main Server Chassis', 'Expansion Chassis', 'Sub Chassis'],
  ...['Bus Expansion Chassis', 'Peripheral Chassis', 'RAID Chassis', 'Rack Mount Chassis', 'Sealed-case PC'],
  ...['Multi-system', 'CompactPCI', 'AdvancedTCA', 'Blade', 'Blade Enclosure', 'Tablet', 'Convertible'],
  ...['Detachable', 'IoT Gateway', 'Embedded PC', 'Mini PC', 'Stick PC'],
];

export const dmi: FactGroup = {
  name: 'dmi',
  names: Object.keys(DMI_FILES),
  files: Object.values(DMI_FILES).map((file) => `${DMI}/${file}`),
  facts: (host) =>
    Object.fromEntries(
      Object.entries(DMI_FILES).map(([name, file]) => {
        const value = host.file(`${DMI}/${file}`);
        if (name === 'form_factor' && value !== undefined)
          return [name, FORM_FACTORS[Number(value)] ?? `unknown (${value})`];
        return [name, value ?? 'NA'];
      }),
    ),
};

export const uptime: FactGroup = {
  name: 'uptime',
  names: ['uptime_seconds'],
  files: ['/proc/uptime'],
  facts: (host) => {
    const seconds = host.file('/proc/uptime');
    return seconds === undefined ? {} : { uptime_seconds: Math.floor(Number(seconds.split(' ')[0])) };
  },
};

export const mounts: FactGroup = {
  name: 'mounts',
  names: ['mounts'],
  files: ['/proc/mounts', '/proc/self/mountinfo'],
  links: ['/dev/disk/by-uuid/*', '/dev/mapper/*'],
  // A network file system that hangs must not take the others with it: each has its own limit.
  scripts: [
    `fact_section sizes
m_limit=; command -v timeout >/dev/null && m_limit="timeout $m_gather_timeout"
while read -r m_device m_point m_type _; do
  case $m_device:$m_type in *:none) ;; /*|*:/*:*) printf '%b\\n' "$m_point" | { IFS= read -r m_point
    $m_limit stat -f -c '%s %S %b %a %c %d %n' "$m_point" 2>/dev/null; } ;; esac
done </proc/mounts`,
  ],
  facts: (host) => {
    const sizes = new Map(
      host.lines('sizes').flatMap((line) => {
        const match = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/.exec(line);
        return match === null ? [] : [[match[7]!, match.slice(1, 7).map(Number)] as const];
      }),
    );
    const binds = new Set(
      (host.file('/proc/self/mountinfo') ?? '').split('\n').flatMap((line) => {
        const words = line.split(' ');
        return words[3] !== undefined && words[3] !== '/' ? [plain(words[4]!)] : [];
      }),
    );
    const uuids = new Map(
      host.linksBelow(/^\/dev\/disk\/by-uuid\//).map(([path, to]) => [baseName(to), baseName(path)]),
    );
    // A later mount at the same place hides the earlier one.
    const found = new Map<string, Record<string, unknown>>();
    for (const line of (host.file('/proc/mounts') ?? '').split('\n')) {
      const [device = '', point = '', fstype = '', options = ''] = line.split(' ').map(plain);
      if ((!device.startsWith('/') && !device.includes(':/')) || fstype === 'none') continue;
      const mapped = host.link(device);
      found.set(point, {
        mount: point,
        device,
        fstype,
        options: binds.has(point) ? `${options},bind` : options,
        ...sizeFacts(sizes.get(point)),
        uuid: uuids.get(baseName(mapped ?? device)) ?? 'N/A',
      });
    }
    return { mounts: [...found.values()] };
  },
};

function sizeFacts(numbers: number[] | undefined): Record<string, number> {
  if (numbers === undefined) return {};
  const [block, fragment, blocks, available, inodes, inodesFree] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    size_total: fragment * blocks,
    size_available: fragment * available,
    block_size: block,
    block_total: blocks,
    block_available: available,
    block_used: blocks - available,
    inode_total: inodes,
    inode_available: inodesFree,
    inode_used: inodes - inodesFree,
  };
}

/** `\040` is a space in the kernel's tables. */
function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

const BLOCK = '/sys/block';

export const devices: FactGroup = {
  name: 'devices',
  names: ['devices', 'device_links'],
  files: [
    `${BLOCK}/*/size ${BLOCK}/*/removable ${BLOCK}/*/queue/rotational ${BLOCK}/*/queue/scheduler`,
    `${BLOCK}/*/queue/discard_granularity ${BLOCK}/*/queue/logical_block_size ${BLOCK}/*/device/vendor`,
    `${BLOCK}/*/device/model ${BLOCK}/*/device/sas_address ${BLOCK}/*/device/sas_device_handle`,
    `${BLOCK}/*/device/serial ${BLOCK}/*/*/start ${BLOCK}/*/*/size ${BLOCK}/*/holders/*/dm/name`,
    `${BLOCK}/*/*/holders/*/dm/name`,
  ],
  links: [`${BLOCK}/* /dev/disk/by-id/* /dev/disk/by-uuid/* /dev/disk/by-label/* ${BLOCK}/*/slaves/*`],
  scripts: ['fact_section pci; command -v lspci >/dev/null && lspci -D 2>/dev/null'],
  facts: (host) => {
    const links = deviceLinks(host);
    const names = host.linksBelow(/^\/sys\/block\/[^/]+$/).map(([path]) => baseName(path));
    return {
      device_links: links,
      devices: Object.fromEntries(names.map((name) => [name, deviceFacts(name, host, links)])),
    };
  },
};

type DeviceLinks = Record<'ids' | 'uuids' | 'labels' | 'masters', Record<string, string[]>>;

function deviceLinks(host: HostView): DeviceLinks {
  const collect = (pattern: RegExp, pair: (path: string, target: string) => [string, string]) => {
    const found: Record<string, string[]> = {};
    for (const [path, target] of host.linksBelow(pattern)) {
      const [key, value] = pair(path, target);
      found[key] = [...(found[key] ?? []), value].sort();
    }
    return found;
  };
  const byName = (path: string, target: string): [string, string] => [baseName(target), baseName(path)];
  return {
    ids: collect(/^\/dev\/disk\/by-id\//, byName),
    uuids: collect(/^\/dev\/disk\/by-uuid\//, byName),
    labels: collect(/^\/dev\/disk\/by-label\//, byName),
    masters: collect(/^\/sys\/block\/[^/]+\/slaves\//, (path) => [baseName(path), path.split('/')[3]!]),
  };
}

function deviceFacts(name: string, host: HostView, links: DeviceLinks): Record<string, unknown> {
  const read = (file: string) => host.file(`${BLOCK}/${name}/${file}`) ?? null;
  const sectors = read('size') ?? '0';
  const pci = /.+\/([a-f0-9]{4}:[a-f0-9]{2}:[01][a-f0-9]\.[0-7])\//.exec(host.link(`${BLOCK}/${name}`) ?? '')?.[1];
  const wwn = links.ids[name]?.find((id) => id.startsWith('wwn-'))?.slice(4);
  const serial = read('device/serial');
  const partitions = host
    .paths(new RegExp(`^${BLOCK}/${name}/${name}p?\\d+/start$`))
    .map((path) => path.split('/')[4]!);
  return {
    virtual: 1,
    links: linksOf(name, links),
    vendor: read('device/vendor'),
    model: read('device/model'),
    sas_address: read('device/sas_address'),
    sas_device_handle: read('device/sas_device_handle'),
    ...(serial === null ? {} : { serial }),
    removable: read('removable'),
    support_discard: read('queue/discard_granularity'),
    ...(wwn === undefined ? {} : { wwn }),
    partitions: Object.fromEntries(partitions.map((each) => [each, partitionFacts(name, each, host, links)])),
    rotational: read('queue/rotational'),
    scheduler_mode: /\[(.*)\]/.exec(read('queue/scheduler') ?? '')?.[1] ?? '',
    sectors,
    sectorsize: read('queue/logical_block_size') ?? '512',
    size: humanSize(Number(sectors) * 512),
    host:
      (pci === undefined ? undefined : host.lines('pci').find((line) => line.startsWith(`${pci} `)))?.slice(
        pci!.length + 1,
      ) ?? '',
    holders: holdersOf(`${BLOCK}/${name}`, host),
  };
}

function partitionFacts(disk: string, name: string, host: HostView, links: DeviceLinks): Record<string, unknown> {
  const directory = `${BLOCK}/${disk}/${name}`;
  const sectors = host.file(`${directory}/size`) ?? '0';
  return {
    links: linksOf(name, links),
    start: host.file(`${directory}/start`) ?? '0',
    sectors,
    sectorsize: 512,
    size: humanSize(Number(sectors) * 512),
    uuid: links.uuids[name]?.[0] ?? null,
    holders: holdersOf(directory, host),
  };
}

function linksOf(name: string, links: DeviceLinks): Record<string, string[]> {
  return Object.fromEntries(Object.entries(links).map(([kind, table]) => [kind, table[name] ?? []]));
}

function holdersOf(directory: string, host: HostView): string[] {
  return host
    .paths(/\/holders\/dm-[^/]+\/dm\/name$/)
    .filter((path) => path.startsWith(`${directory}/holders/`))
    .map((path) => host.file(path)!);
}

/** Ansible's `bytes_to_human`: `256.00 GB`. */
function humanSize(bytes: number): string {
  const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}

export const lvm: FactGroup = {
  name: 'lvm',
  names: ['lvm'],
  links: ['/dev/mapper/*'],
  scripts: [
    `fact_section lvm
if [ "$(id -u)" = 0 ] && command -v vgs >/dev/null; then
  for m_each in vgs lvs pvs; do $m_each --noheadings --nosuffix --units g --separator , 2>/dev/null | sed "s/^ */$m_each,/"; done
fi
fact_section lvm_there; [ "$(id -u)" = 0 ] && command -v vgs`,
  ],
  facts: (host) => {
    if (host.lines('lvm_there').length === 0) return { lvm: 'N/A' };
    const mapper = new Map(
      host.linksBelow(/^\/dev\/mapper\//).map(([path, target]) => [`/dev/${baseName(target)}`, path]),
    );
    const found = { lvs: {} as Table, vgs: {} as Table, pvs: {} as Table };
    for (const line of host.lines('lvm')) {
      const [kind, ...items] = line.split(',') as [string, ...string[]];
      const name = items[0]!;
      if (kind === 'vgs')
        found.vgs[name] = { size_g: items.at(-2)!, free_g: items.at(-1)!, num_lvs: items[2]!, num_pvs: items[1]! };
      if (kind === 'lvs') found.lvs[name] = { size_g: items[3]!, vg: items[1]! };
      if (kind === 'pvs') found.pvs[mapper.get(name) ?? name] = { size_g: items[4]!, free_g: items[5]!, vg: items[1]! };
    }
    return { lvm: found };
  },
};

type Table = Record<string, Record<string, string>>;
