/** What hostpulse and node_exporter do not both tell, and how far what both tell may lie apart. docs/metrics.md shows the first two. */

interface Difference {
  readonly name: RegExp;
  /** As the document shows it. */
  readonly shown: string;
  readonly because: string;
}

/** Only node_exporter tells these. */
export const LEFT_OUT: readonly (Difference & { readonly isValue?: (value: number) => boolean })[] = [
  { name: /^node_timex_/, shown: 'node_timex_*', because: 'the adjtimex system call tells it, which Node cannot make' },
  {
    name: /^node_exporter_build_info$/,
    shown: 'node_exporter_build_info',
    because: 'it says that this is node_exporter; hostpulse_build_info says what this is',
  },
  {
    name: /^node_network_speed_bytes$/,
    shown: 'node_network_speed_bytes below 0',
    because: 'the driver does not know, and says -1',
    isValue: (value) => value < 0,
  },
  {
    name: /^node_scrape_collector_(success|duration_seconds)$/,
    shown: 'node_scrape_collector_* of other collectors',
    because: 'each tells of the collectors that it has',
  },
  {
    name: /^node_disk_(ata|device_mapper|filesystem)_/,
    shown: 'node_disk_ata_*, node_disk_device_mapper_info, node_disk_filesystem_info',
    because: 'not read yet',
  },
  {
    name: /^node_processes_threads_state$/,
    shown: 'node_processes_threads_state',
    because: 'a file for each thread would have to be read',
  },
  { name: /^node_dmi_/, shown: 'node_dmi_info', because: 'not read yet' },
  {
    name: /^node_(btrfs|bcache|fibrechannel|infiniband|ipvs|nfs|nfsd|nvme|tapestats|xfs|zfs|systemd)_/,
    shown:
      'node_btrfs_*, node_bcache_*, node_fibrechannel_*, node_infiniband_*, node_ipvs_*, node_nfs_*, node_nfsd_*, node_nvme_*, node_tapestats_*, node_xfs_*, node_zfs_*',
    because: 'of special hardware, file systems and servers',
  },
];

/** Only hostpulse tells these under names of node_exporter's: releases newer than 1.5, which Debian 12 has, tell them, too. */
export const ONLY_OURS: readonly Difference[] = [
  {
    name: /^node_pressure_irq_stalled_seconds_total$/,
    shown: 'node_pressure_irq_stalled_seconds_total',
    because: 'since node_exporter 1.9',
  },
  {
    name: /^node_netstat_TcpExt_TCP(OFOQueue|RcvQDrop)$/,
    shown: 'node_netstat_TcpExt_TCPOFOQueue, node_netstat_TcpExt_TCPRcvQDrop',
    because: 'since node_exporter 1.7',
  },
  {
    name: /^node_softnet_(backlog_len|cpu_collision_total|flow_limit_count_total|received_rps_total)$/,
    shown:
      'node_softnet_backlog_len, node_softnet_cpu_collision_total, node_softnet_flow_limit_count_total, node_softnet_received_rps_total',
    because: 'since node_exporter 1.6',
  },
  {
    name: /^node_scrape_collector_(success|duration_seconds)$/,
    shown: 'node_scrape_collector_* of other collectors',
    because: 'each tells of the collectors that it has',
  },
];

/** Of what does not only rise: how far theirs may lie outside of our two readings around it. Others do not change in a second. */
export const MOVES: readonly (readonly [name: RegExp, slack: number])[] = [
  [/^node_memory_(HugePages|Vmalloc(Total|Chunk))/, 0],
  // Another test's Node may come or go.
  [/^node_memory_/, 2e9],
  [/^node_load/, 2],
  [/^node_procs_/, 100],
  [/^node_processes_(state|pids|threads)$/, 1000],
  [/^node_disk_io_now$/, 1000],
  [/^node_filesystem_(free|avail)_bytes$/, 2e9],
  [/^node_filesystem_files_free$/, 100_000],
  [/^node_filefd_allocated$/, 5000],
  [/^node_sockstat_/, 1e7],
  [/^node_netstat_Tcp_CurrEstab$/, 1000],
  [/^node_(arp_entries|udp_queues|nf_conntrack_entries)$/, 1000],
  [/^node_entropy_available_bits$/, 4096],
  [/^node_softnet_backlog_len$/, 1000],
  [/^node_cpu_(scaling_)?frequency_hertz$/, 1e10],
  // Degrees, turns, volts: whatever the machine does in a second.
  [/^node_hwmon_/, 1e4],
];

/** Untyped, and yet counters. */
export const RISES = /^node_(vmstat|netstat)_(?!Tcp_CurrEstab|Ip_Forwarding)/;
