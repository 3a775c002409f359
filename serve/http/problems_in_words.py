"""Problem types in the words of the page: what is wrong, and what to do next, in each of its languages.

Programs read the type and the English detail of a problem document; people on the page read these sentences.
"""

from __future__ import annotations

from niteru.indexer.ask.rarity_in_words import Language

PROBLEMS_IN_WORDS: dict[str, dict[Language, str]] = {
    "missing-image": {
        "en": "No picture came with the question: choose a photo.",
        "ja": "写真が届いていません。写真を選んでください。",
        "zh-Hant": "沒有收到照片，請選擇一張。",
    },
    "empty-file": {
        "en": "This file is empty, as after a copy that was cut off: choose the photo again from where it is whole.",
        "ja": "このファイルは空です。コピーが途中で終わったのかもしれません。元の写真を選んでください。",
        "zh-Hant": "這個檔案是空的，可能是複製中斷了。請選擇完整的原始照片。",
    },
    "bad-parameter": {
        "en": "The service does not understand this question: reload the page and ask again.",
        "ja": "この質問は受け付けられません。ページを読み込み直して、もう一度お試しください。",
        "zh-Hant": "服務無法理解這個查詢，請重新載入頁面後再試一次。",
    },
    "bad-name": {
        "en": "This cannot be anybody's name: choose one with letters, without a slash, of 200 letters at most.",
        "ja": "この名前は使えません。斜線を含まない、200 文字以内の名前を入力してください。",
        "zh-Hant": "不能用這個名字，請輸入 200 個字以內、不含斜線的名字。",
    },
    "abandoned": {
        "en": "The question was given up before it was answered: ask again.",
        "ja": "答えが出る前に中断されました。もう一度お試しください。",
        "zh-Hant": "查詢在得到答案前就中斷了，請再試一次。",
    },
    "bad-request": {
        "en": "The question did not arrive whole: reload the page and ask again.",
        "ja": "質問が正しく届きませんでした。ページを読み込み直して、もう一度お試しください。",
        "zh-Hant": "查詢沒有完整送達，請重新載入頁面後再試一次。",
    },
    "unauthorised": {
        "en": "The service asks for its key: reload the page and enter the key as the password.",
        "ja": "このサービスには鍵が必要です。ページを読み込み直し、パスワードとして鍵を入力してください。",
        "zh-Hant": "這個服務需要金鑰，請重新載入頁面，並把金鑰當作密碼輸入。",
    },
    "right-missing": {
        "en": "This key may not do that: ask the owner of the service for one that may.",
        "ja": "この鍵ではその操作はできません。権限のある鍵をサービスの管理者に求めてください。",
        "zh-Hant": "這個金鑰沒有這項權限，請向服務的管理者索取有權限的金鑰。",
    },
    "wrong-code": {
        "en": "This is not the booth's code: enter the one that niteru serve --booth printed.",
        "ja": "ブースのコードが違います。niteru serve --booth が表示したコードを入力してください。",
        "zh-Hant": "這不是攝影亭的代碼，請輸入 niteru serve --booth 顯示的代碼。",
    },
    "image-not-found": {
        "en": "This photo is no longer here: reload the page and choose another.",
        "ja": "この写真はもう登録されていません。ページを読み込み直して、別の写真を選んでください。",
        "zh-Hant": "這張照片已不在這裡，請重新載入頁面後選擇另一張。",
    },
    "person-not-found": {
        "en": "This person is no longer here: choose somebody else.",
        "ja": "この人はもう登録されていません。ほかの人を選んでください。",
        "zh-Hant": "這個人已不在這裡，請選擇其他人。",
    },
    "person-without-face": {
        "en": "No photo of this person shows a usable face: add a photo that does, or choose somebody else.",
        "ja": "この人の写真には使える顔がありません。顔がはっきり写った写真を加えるか、ほかの人を選んでください。",
        "zh-Hant": "這個人的照片中沒有可用的臉，請加入臉部清楚的照片，或選擇其他人。",
    },
    "face-not-found": {
        "en": "This face is no longer here: reload the page and choose another.",
        "ja": "この顔はもう登録されていません。ページを読み込み直して、別の顔を選んでください。",
        "zh-Hant": "這張臉已不在這裡，請重新載入頁面後選擇另一張。",
    },
    "column-not-found": {
        "en": "This column is no longer here: reload the page and choose another.",
        "ja": "この項目はもうありません。ページを読み込み直して、別の項目を選んでください。",
        "zh-Hant": "這個欄位已不在這裡，請重新載入頁面後選擇另一個。",
    },
    "age-unknown": {
        "en": "No photo is known to show this person at that age: ask about another age, or give photos a date and the "
        "person a year of birth.",
        "ja": "その年齢のときの写真が見つかりません。別の年齢を選ぶか、写真の日付と生まれた年を登録してください。",
        "zh-Hant": "找不到這個人在那個年齡的照片，請換一個年齡，或補上照片的日期和出生年份。",
    },
    "nothing-to-take-back": {
        "en": "There is nothing to take back: name somebody first.",
        "ja": "取り消せる操作がありません。先に名前を付けてください。",
        "zh-Hant": "沒有可以復原的步驟，請先命名。",
    },
    "not-found": {
        "en": "There is nothing at this address: reload the page.",
        "ja": "このアドレスには何もありません。ページを読み込み直してください。",
        "zh-Hant": "這個網址沒有內容，請重新載入頁面。",
    },
    "method-not-allowed": {
        "en": "The service does not take this kind of request: reload the page.",
        "ja": "この種類の要求は受け付けられません。ページを読み込み直してください。",
        "zh-Hant": "服務不接受這種要求，請重新載入頁面。",
    },
    "request-timeout": {
        "en": "The photo took too long to arrive: try again, or choose a smaller one.",
        "ja": "写真の送信に時間がかかりすぎました。もう一度試すか、小さい写真を選んでください。",
        "zh-Hant": "照片傳送太久，請再試一次，或選擇較小的照片。",
    },
    "too-large": {
        "en": "The picture has too many bytes: save it smaller, or choose another.",
        "ja": "写真のファイルが大きすぎます。小さくして保存するか、別の写真を選んでください。",
        "zh-Hant": "照片檔案太大，請縮小後再試，或選擇另一張。",
    },
    "too-many-pixels": {
        "en": "The picture has too many pixels: save it smaller, or choose another.",
        "ja": "写真の画素数が多すぎます。小さくして保存するか、別の写真を選んでください。",
        "zh-Hant": "照片的像素太多，請縮小後再試，或選擇另一張。",
    },
    "too-complex": {
        "en": "The picture takes too much work to decode: save it as a plain JPEG, or choose another.",
        "ja": "写真の読み取りに手間がかかりすぎます。普通の JPEG で保存し直すか、別の写真を選んでください。",
        "zh-Hant": "照片的解碼太費時，請另存為一般的 JPEG，或選擇另一張。",
    },
    "uri-too-long": {
        "en": "The question is too long: take people off the shortlist, or filters away.",
        "ja": "質問が長すぎます。候補者リストの人か、絞り込みを減らしてください。",
        "zh-Hant": "查詢太長，請減少候選名單上的人或篩選條件。",
    },
    "unsupported-type": {
        "en": "The file is no picture that can be read here: choose a JPEG, PNG, WebP or HEIC.",
        "ja": "読み取れる形式の写真ではありません。JPEG、PNG、WebP、HEIC のどれかを選んでください。",
        "zh-Hant": "這不是可讀取的圖片格式，請選擇 JPEG、PNG、WebP 或 HEIC。",
    },
    "bad-range": {
        "en": "This part of the file does not exist: reload the page.",
        "ja": "ファイルのこの部分はありません。ページを読み込み直してください。",
        "zh-Hant": "檔案沒有這個部分，請重新載入頁面。",
    },
    "corrupt-image": {
        "en": "The picture is damaged: save it anew, or choose another.",
        "ja": "写真が壊れています。保存し直すか、別の写真を選んでください。",
        "zh-Hant": "照片已損毀，請重新儲存，或選擇另一張。",
    },
    "no-face": {
        "en": "No face was found in the picture: choose one that shows a face large and clear.",
        "ja": "写真に顔が見つかりません。顔が大きくはっきり写った写真を選んでください。",
        "zh-Hant": "照片中找不到臉，請選擇臉部又大又清楚的照片。",
    },
    "several-faces": {
        "en": "The picture shows several people: say which face is meant, or send a picture of one person.",
        "ja": "写真に複数の顔があります。どの顔かを指定するか、一人だけの写真を送ってください。",
        "zh-Hant": "照片中有好幾張臉，請指定其中一張，或改用只有一個人的照片。",
    },
    "forgotten": {
        "en": "This person or this picture was removed for good: choose another, or ask the owner of the service.",
        "ja": "この人または写真は完全に削除されています。別のものを選ぶか、サービスの管理者に問い合わせてください。",
        "zh-Hant": "這個人或這張照片已永久刪除，請選擇其他照片，或洽詢服務的管理者。",
    },
    "face-too-small": {
        "en": "The face is too small: choose a larger picture, or one taken from nearer.",
        "ja": "顔が小さすぎます。もっと大きい写真か、近くで撮った写真を選んでください。",
        "zh-Hant": "臉太小，請選擇較大或拍得較近的照片。",
    },
    "rate-limited": {
        "en": "Too many questions came from your address: wait a minute and ask again.",
        "ja": "お使いのアドレスからの質問が多すぎます。1 分ほど待って、もう一度お試しください。",
        "zh-Hant": "來自您位址的查詢太多，請等一分鐘後再試。",
    },
    "headers-too-large": {
        "en": "The browser sends too much along with the question: delete this site's cookies and reload the page.",
        "ja": "ブラウザーが送る情報が多すぎます。このサイトの Cookie を消して、ページを読み込み直してください。",
        "zh-Hant": "瀏覽器附帶的資料太多，請刪除這個網站的 Cookie 後重新載入頁面。",
    },
    "internal-error": {
        "en": "Something went wrong in the service: ask again. Its log has the cause under {request_id}.",
        "ja": "サービスで問題が起きました。もう一度お試しください。原因は {request_id} としてログに残っています。",
        "zh-Hant": "服務發生錯誤，請再試一次。原因記錄在日誌的 {request_id} 之下。",
    },
    "not-ready": {
        "en": "There is no index to search yet: run niteru index, or look into the service's log.",
        "ja": "検索できる索引がまだありません。niteru index を実行するか、サービスのログを確認してください。",
        "zh-Hant": "還沒有可搜尋的索引，請執行 niteru index，或查看服務的日誌。",
    },
    "keys-unreadable": {
        "en": "The service cannot read its keys: ask its owner to look into its log.",
        "ja": "サービスが鍵を読み込めません。サービスの管理者にログの確認を依頼してください。",
        "zh-Hant": "服務無法讀取金鑰，請管理者查看服務的日誌。",
    },
    "index-mismatch": {
        "en": "The index and the model do not match: run niteru index and ask again.",
        "ja": "索引とモデルが合っていません。niteru index を実行してから、もう一度お試しください。",
        "zh-Hant": "索引與模型不相符，請執行 niteru index 後再試一次。",
    },
    "gallery-busy": {
        "en": "The gallery is being written to: ask again in half a minute.",
        "ja": "登録内容を更新しています。30 秒ほど待って、もう一度お試しください。",
        "zh-Hant": "資料正在更新，請等半分鐘後再試。",
    },
}
"""Sentence of each problem type by language; ``{request_id}`` stands for the id of the request."""
