/** A release of Mosquitto as far as its configuration differs: major and minor. */
export type Version = readonly [major: number, minor: number];

/** Where the configuration changed. A host's version behaves as the last of these that is not newer. */
export const LINES: readonly Version[] = [
  [1, 4],
  [1, 5],
  [1, 6],
  [2, 0],
  [2, 1],
];

/** `2.0.11`, `1.6` or a package's `2.0.11-1.2+deb12u2`. */
export function parseVersion(text: string): Version | undefined {
  const found = /^(?:\d+:)?(\d+)\.(\d+)/.exec(text.trim());
  return found ? [Number(found[1]), Number(found[2])] : undefined;
}

export function isBefore(a: Version, b: Version): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

export function versionText([major, minor]: Version): string {
  return `${major}.${minor}`;
}

/** The release in which each option came, where it is later than 1.4. Source: ChangeLog of Mosquitto. */
const SINCE: Readonly<Record<string, Version>> = {
  check_retain_source: [1, 5],
  max_queued_bytes: [1, 5],
  notifications_local_only: [1, 5],
  per_listener_settings: [1, 5],
  set_tcp_nodelay: [1, 5],
  socket_domain: [1, 5],
  use_subject_as_username: [1, 5],
  bind_interface: [1, 6],
  bridge_alpn: [1, 6],
  bridge_require_ocsp: [1, 5],
  dhparamfile: [1, 6],
  max_inflight_bytes: [1, 5],
  max_keepalive: [1, 6],
  max_packet_size: [1, 6],
  max_qos: [2, 0],
  bridge_bind_address: [2, 0],
  bridge_max_packet_size: [2, 0],
  bridge_outgoing_retain: [2, 0],
  local_cleansession: [2, 0],
  bridge_ciphers: [2, 1],
  bridge_receive_maximum: [2, 1],
  bridge_reload_type: [2, 1],
  bridge_session_expiry_interval: [2, 1],
  bridge_tls_use_os_certs: [2, 1],
  log_timestamp_format: [1, 6],
};

/** Values that came later than their option. */
const VALUE_SINCE: Readonly<Record<string, Version>> = {
  'bridge_protocol_version mqttv50': [2, 0],
  'bridge_tls_version tlsv1.3': [1, 6],
  'tls_version tlsv1.3': [1, 6],
};

/** The first release that knows a line `OPTION VALUE…`. */
export function since(option: string, value: string): Version {
  const byValue = VALUE_SINCE[`${option} ${value}`];
  // A back-off between two times needs two words.
  if (option === 'restart_timeout' && value.includes(' ')) return [1, 6];
  return byValue ?? SINCE[option] ?? [1, 4];
}
