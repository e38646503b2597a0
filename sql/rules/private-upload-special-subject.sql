---
id: private-upload-special-subject
title:
  zh: 个人上传特殊题材
  en: a private upload on a special subject
action: hold
clause: 工作提示（2026-09-04）
needs: [titles]
applies: uploader = 'individual'
evidence: [uploader, special_subjects]
remedy:
  zh: 核实上传者与题材；特殊题材不得由个人上传
  en: >-
    find out who uploaded what: special subjects may not be uploaded by individuals
---
special_subject
