/** What a power supply can say: the kernel's names, and node_exporter's for them. */

const named = (names: string, divisor: number, end = '') => names.split(' ').map((name) => [name, [`${name}${end}`, divisor]] as const);

/** Property -> metric (after `node_power_supply_`) and what to divide by. The kernel counts in millionths and tenths. */
export const METRICS: ReadonlyMap<string, readonly [name: string, divisor: number]> = new Map([
  ...named('authentic calibrate capacity capacity_alert_max capacity_alert_min online present', 1),
  ['cycle_count', ['cyclecount', 1]],
  ['time_to_empty_now', ['time_to_empty_seconds', 1]],
  ['time_to_full_now', ['time_to_full_seconds', 1]],
  ['current_now', ['current_ampere', 1e6]],
  ['energy_now', ['energy_watthour', 1e6]],
  ['voltage_now', ['voltage_volt', 1e6]],
  ['charge_now', ['charge_ampere', 1e6]],
  ['power_now', ['power_watt', 1e6]],
  ...named('current_boot current_max energy_empty energy_empty_design energy_full energy_full_design', 1e6),
  ...named('voltage_boot voltage_max voltage_max_design voltage_min voltage_min_design voltage_ocv', 1e6),
  ...named('charge_control_limit charge_control_limit_max charge_counter charge_empty charge_empty_design', 1e6),
  ...named('charge_full charge_full_design charge_term_current constant_charge_current', 1e6),
  ...named('constant_charge_current_max constant_charge_voltage constant_charge_voltage_max', 1e6),
  ...named('precharge_current input_current_limit', 1e6),
  ...named('temp temp_alert_max temp_alert_min temp_ambient temp_ambient_max temp_ambient_min temp_max temp_min', 10, '_celsius'),
]);

/** Properties that are words; they are labels of `node_power_supply_info`. */
export const WORDS: readonly string[] =
  'capacity_level charge_type health manufacturer model_name scope serial_number status technology type usb_type'.split(' ');
