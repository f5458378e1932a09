/** The run that comes with the page, and the page without a connection. */
import type { finished as enFinished, offline as enOffline } from '../en/finished';

export const finished: typeof enFinished = {
  name: '已完成的训练',
  title: '在构建本页面时，用本页面的引擎和数据训练到结束。',
  shown: '当前显示：已完成的训练。',
  curve: '浅色虚线：构建本页面时已训练完成的一次运行。',
  chart: '引擎下载完成后绘制。',
  waiting: '引擎下载完成后立即开始。',
};

export const offline: typeof enOffline = {
  label: '版本',
  ready: '本页面有新版本可用。',
  reload: '重新加载',
  later: '稍后',
};
