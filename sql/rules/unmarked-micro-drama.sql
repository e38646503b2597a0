---
id: unmarked-micro-drama
title:
  zh: 疑似微短剧未按微短剧管理
  en: probably a micro-drama, but not marked as one
action: hold
clause: 总局令第16号第二条、第三十三条（三）
needs: [titles]
kinds: [drama]
applies: TRUE
evidence: [kind, longest_episode_s, episode_count]
remedy:
  zh: 核实作品类别；属微短剧的按微短剧办理许可或备案
  en: find out what the title is; a micro-drama needs a micro-drama's document
---
longest_episode_s < :unmarked_longest_s AND episode_count >= :unmarked_min_episodes
