---
id: label-differs
title:
  zh: 标注的编号与填报不一致
  en: the number shown is not the number declared
action: block
softer:
  - action: hold
    when: NOT label_differs_shown
clause: 广电办发〔2024〕35号三.2
needs: [titles, labels]
applies: label_readable
evidence: [permit, permit_raw, label_number, label_differs_shown, label_differs_burned_in]
remedy:
  zh: 使标注与证件编号一致
  en: make the label show the number of the document
because:
  zh: 叠加层和详情页由元数据生成，不一致即属实，予以拦截；仅由画面识别读出的不一致可能是误读，交人工带图复核。填报为空或不合格式也算不一致。
  en: >-
    Overlays and detail pages are drawn from metadata: a difference there is real and blocks. A difference read
    from the picture alone may be a misreading and goes to a person with the frame. A blank or malformed number
    differs from any number shown.
---
label_differs_shown OR label_differs_burned_in
