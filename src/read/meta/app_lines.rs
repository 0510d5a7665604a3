//! Lines that Meta's apps write in a person's name: "Zoë sent an attachment.", "Liked a message".
//!
//! Law: only a whole message that has one of these shapes is dropped; a doubt keeps the message.

/// What the app writes after a person's name.
const AFTER_NAME: &[&str] = &[
    "sent an attachment",
    "sent a photo",
    "sent a video",
    "sent a voice message",
    "sent a sticker",
    "sent a gif",
    "sent a link",
    "unsent a message",
    "hat einen anhang gesendet",
    "hat ein foto gesendet",
    "hat eine nachricht zurückgerufen",
    "envió un archivo adjunto",
    "envió una foto",
    "a envoyé une pièce jointe",
    "a envoyé une photo",
    "enviou um anexo",
    "enviou uma foto",
    "ha inviato un allegato",
    "ha inviato una foto",
    "heeft een bijlage verzonden",
    "heeft een bijlage gestuurd",
    "heeft een foto verzonden",
    "wysłał załącznik",
    "wysłała załącznik",
    "wysłał(a) załącznik",
    "wysyła załącznik",
    "a trimis un fișier atașat",
    "a trimis un atașament",
    "išsiuntė priedą",
    "har skickat en bilaga",
    "skickade en bilaga",
    "sendte en vedhæftet fil",
    "sendte et vedlegg",
    "lähetti liitteen",
    "bir ek gönderdi",
    "отправил вложение",
    "отправила вложение",
    "отправил(а) вложение",
    "mengirim lampiran",
    "đã gửi một file đính kèm",
    "ha enviado un archivo adjunto",
    "ha enviado una foto",
    "ha enviado un vídeo",
    "envió un video",
    "envió un enlace",
    "eliminó un mensaje",
    "hat ein video gesendet",
    "hat einen link gesendet",
    "hat einen sticker gesendet",
    "hat eine sprachnachricht gesendet",
    "heeft een video gestuurd",
    "heeft een foto gestuurd",
    "heeft een link gestuurd",
    "a envoyé une vidéo",
    "a envoyé un lien",
    "ha inviato un video",
    "ha inviato un link",
    "enviou um vídeo",
    "enviou um link",
    "elküldött egy mellékletet",
    "mellékletet küldött",
    "έστειλε ένα συνημμένο",
    "さんが添付ファイルを送信しました",
    "odeslal(a) přílohu",
    "odeslal přílohu",
    "odeslala přílohu",
    "poslal(a) prílohu",
    "надіслав(-ла) вкладення",
    "надсилає вкладення",
    "изпрати прикачен файл",
    "传送了附件",
    "发送了附件",
    "傳送了附件",
    "님이 첨부 파일을 보냈습니다",
    "vedhæftede en fil",
    "liitti tiedoston",
    "ने अटैचमेंट भेजा",
    "أرسل مرفقًا",
    "أرسلت مرفقًا",
    "שלח/ה קובץ מצורף",
    "menghantar lampiran",
    "poslao je privitak",
    "saatis manuse",
    "nosūtīja pielikumu",
    "išsiuntė nuotrauką",
    "a trimis o fotografie",
    "a trimis un videoclip",
];

/// Whole lines.
const WHOLE: &[&str] = &[
    "liked a message",
    "you liked a message",
    "reacted to your message",
    "gefällt eine nachricht",
    "hat eine nachricht mit „gefällt mir“ markiert",
    "le gustó un mensaje",
    "indicó que le gusta un mensaje",
    "le ha gustado un mensaje",
    "a aimé un message",
    "curtiu uma mensagem",
    "gostou de uma mensagem",
    "ha messo \"mi piace\" a un messaggio",
    "piace un messaggio",
    "vindt een bericht leuk",
    "vond een bericht leuk",
    "polubił wiadomość",
    "polubiła wiadomość",
    "polubił(a) wiadomość",
    "a apreciat un mesaj",
    "gillade ett meddelande",
    "bir mesajı beğendi",
    "patinka žinutė",
    "patiko žinutė",
    "pažymėjo, kad patinka žinutė",
    "synes godt om en besked",
    "likte en melding",
    "tykkäsi viestistä",
    "поставил(а) \"нравится\" сообщению",
    "понравилось сообщение",
    "tetszik neki egy üzenet",
    "メッセージに「いいね！」しました",
    "menyukai pesan",
    "you sent an attachment",
    "you unsent a message",
    "this message was unsent",
    "message unavailable",
    "this message is no longer available",
];

/// The beginning and the end of a line with a reaction between them.
const REACTIONS: &[(&str, &str)] = &[
    ("reacted ", "to your message"),
    ("reacted ", "to a message"),
    ("hat mit ", "auf deine nachricht reagiert"),
    ("hat ", "auf deine nachricht reagiert"),
    ("hat auf deine nachricht mit ", "reagiert"),
    ("reaccionó ", "a tu mensaje"),
    ("ha reaccionado ", "a tu mensaje"),
    ("a réagi ", "à votre message"),
    ("a réagi à votre message ", ""),
    ("reagiu ", "à tua mensagem"),
    ("reagiu ", "à sua mensagem"),
    ("reagiu ", "à mensagem"),
    ("ha reagito ", "al tuo messaggio"),
    ("ha aggiunto la reazione ", "al tuo messaggio"),
    ("heeft ", "op je bericht gereageerd"),
    ("heeft met ", "gereageerd op je bericht"),
    ("reageerde ", "op je bericht"),
    ("reageerde met ", "op je bericht"),
    ("zareagował", "na twoją wiadomość"),
    ("a reacționat ", "la mesajul tău"),
    ("reagerade ", "på ditt meddelande"),
    ("reagerade med ", "på ditt meddelande"),
    ("mesajına ", "ifadesini bıraktı"),
    ("reagavo ", "į jūsų žinutę"),
    ("reagavo ", "į žinutę"),
    ("reaccionó ", "a un mensaje"),
    ("ha reaccionado ", "a un mensaje"),
    ("hat mit ", "auf eine nachricht reagiert"),
    ("a réagi ", "à un message"),
    ("ha reagito ", "a un messaggio"),
    ("a reacționat ", "la un mesaj"),
    ("reagerede ", "på din besked"),
    ("reagerede med ", "på din besked"),
    ("reagerte ", "på meldingen din"),
    ("reagerte med ", "på meldingen din"),
    ("reagoi viestiisi ", ""),
    ("поставил(а) реакцию ", "на ваше сообщение"),
    ("отреагировал", "на ваше сообщение"),
    ("bereaksi ", "terhadap pesan anda"),
];

/// Whether a whole message is a line that the app wrote. `sender` is its author, `shares` whether something is attached.
pub(crate) fn is_app_line(text: &str, sender: &str, shares: bool) -> bool {
    let line = text.trim().trim_end_matches(['.', '。', '।', ' ', '\u{a0}']).to_lowercase().replace('\u{a0}', " ");
    if line.is_empty() || line.contains('\n') || line.chars().count() > 120 {
        return false;
    }
    let without_name = without_sender(&line, sender);
    WHOLE.iter().any(|whole| line == *whole || without_name == Some(whole))
        || AFTER_NAME.iter().any(|end| ends_so(&line, end))
        || [Some(line.as_str()), without_name].into_iter().flatten().any(is_reaction)
        || shares && without_name.is_some() && text.trim_end().ends_with('.')
}

/// `name end`, the name being anything short.
fn ends_so(line: &str, end: &str) -> bool {
    // Chinese, Japanese and Korean set no blank behind the name.
    let unspaced = !end.starts_with(|c: char| u32::from(c) < 0x3000);
    let is_name = |name: &str| !name.is_empty() && (unspaced || name.ends_with(' ')) && name.chars().count() <= 60;
    line.strip_suffix(end).is_some_and(|name| is_name(name) && !name.contains(". "))
}

/// Something with a reaction (an emoji, not words of its own) between the fixed words.
fn is_reaction(line: &str) -> bool {
    REACTIONS.iter().any(|(begin, end)| {
        let between = line.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
        between.is_some_and(|between| between.chars().count() <= 24)
    })
}

/// The line after the sender's full or first name.
fn without_sender<'a>(line: &'a str, sender: &str) -> Option<&'a str> {
    let sender = sender.trim().to_lowercase();
    let first = sender.split_whitespace().next().unwrap_or_default();
    let names = [sender.as_str(), first];
    names.into_iter().filter(|name| !name.is_empty()).find_map(|name| line.strip_prefix(name)?.strip_prefix(' '))
}

#[cfg(test)]
mod tests {
    use super::is_app_line;

    #[test]
    fn app_lines_in_several_languages() {
        for line in [
            "Zoë sent an attachment.",
            "Reacted ❤ to your message ",
            "Liked a message",
            "Zoë hat einen Anhang gesendet.",
            "Hat mit 😍 auf deine Nachricht reagiert",
            "Reaccionó con 👍 a tu mensaje",
            "Zoë a envoyé une pièce jointe.",
            "Curtiu uma mensagem",
        ] {
            assert!(is_app_line(line, "Zoë Müller", false), "{line}");
        }
        assert!(is_app_line("Zoë wysłała coś nowego.", "Zoë Müller", true));
    }

    #[test]
    fn what_people_write_is_kept() {
        for line in [
            "Reacted badly to the vaccine, should I worry about it?",
            "My doctor sent an attachment. What does it say",
            "I liked a message from my ex",
            "Zoë is my name.",
            "",
        ] {
            assert!(!is_app_line(line, "Zoë Müller", false), "{line}");
        }
    }
}
