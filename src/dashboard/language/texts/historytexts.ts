// The texts of the view of a range, in English and Chinese.
import type { Texts } from './texts.ts';

export const historyTexts = {
	sums: ['Sums', '合计'],
	'range before': ['Range before', '前一时段'],
	'range before hint': [
		'All of the range before, as long as this one, put over it',
		'与本时段等长的前一时段总量，叠放在此',
	],
	'over time': ['Over time', '随时间变化'],
	'drag to zoom': ['drag to zoom in', '拖动可放大'],
	'chart history': ['Bytes of each class over time, {sum} in all', '各类流量随时间变化，共 {sum}'],
	loaded: ['{sum} in this range', '此时段共 {sum}'],
	'nothing counted': ['nothing was counted', '没有任何统计'],
	'not by old agents': ['old agents do not tell it', '旧版代理端不提供'],
	'old agents counted': [
		'{agents}: an old agent tells of its connections alone. What none of them showed, and its line, is in no sum.',
		'{agents}：旧版代理端只上报连接，连接之外的流量及其线路不在任何合计中。',
	],
	'so many agents': ['{count} agents', '{count} 个代理端'],
	'no figures': ['No figures', '没有数据'],
	before: ['{sum} in the range before', '上一时段 {sum}'],
	'not by this filter': ['not known by this filter', '按此筛选无法得知'],
	'wan not counted': ['the WAN was not counted', '没有 WAN 计数'],
	'adds up': ['This adds up to the byte.', '逐字节吻合。'],
	'adds not up': ['{sum} apart: this is a fault of netmon', '相差 {sum}：这是 netmon 的错误'],
	local: ['LAN to LAN', '局域网内'],
	wan_only: ['WAN alone', '仅 WAN'],
	unmeasured: ['Not measured', '未计量'],
	'core hint': ['everything that mihomo moved', 'mihomo 转发的全部流量'],
	'attributed hint': ['what single connections showed', '可对应到单个连接的流量'],
	'local hint': [
		'mihomo moved it, and no WAN did: from LAN to LAN, or while the WAN was not counted',
		'mihomo 转发了，但没有经过 WAN：局域网内转发，或当时没有 WAN 计数',
	],
	'wan_only hint': ['the WAN moved it while mihomo was not heard', 'WAN 有流量，但当时收不到 mihomo 的数据'],
	'unmeasured hint': ['moved by agents that count no WAN', '来自不统计 WAN 的代理端'],
	attributed: ['Attributed', '已归属'],
	'gap missing': ['Bytes may be missing: {agent}', '可能有缺失：{agent}'],
	'gap late': [
		'Nobody looked: bytes of this time are drawn at its end: {agent}',
		'当时无人查看，流量画在此段末尾：{agent}',
	],
	'gap wan_unknown': ['The WAN was not counted: {agent}', '没有 WAN 计数：{agent}'],
	'gap away': ['Not heard of since: {agent}', '至今没有消息：{agent}'],
} as const satisfies Texts;
