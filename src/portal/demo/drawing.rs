//! The example listings' pictures, as SVG.

use std::fmt::Write as _;

/// A sign, in a field of 100 by 100.
fn glyph(name: &str) -> &'static str {
    match name {
        "bars" => "<path d='M24 78V54h12v24zm20 0V36h12v42zm20 0V22h12v56z'/>",
        "dot" => "<circle cx='50' cy='50' r='18'/><circle cx='50' cy='50' r='30' fill='none' stroke='#fff' stroke-width='6'/>",
        "grid" => "<path d='M22 22h25v25H22zm31 0h25v25H53zM22 53h25v25H22zm31 0h25v25H53z'/>",
        "page" => "<path d='M28 18h30l16 16v48H28z'/>",
        "lens" => "<circle cx='44' cy='44' r='20' fill='none' stroke='#fff' stroke-width='9'/><path d='M56 62l6-6 20 20-6 6z'/>",
        "people" => {
            "<circle cx='36' cy='36' r='13'/><circle cx='66' cy='40' r='10'/><path d='M14 78q0-24 22-24t22 24zm48 0q0-12-4-18 24-4 26 18z'/>"
        }
        "lines" => "<path d='M24 26h52v9H24zm0 20h52v9H24zm0 20h34v9H24z'/>",
        "bubble" => "<path d='M20 24h60v40H48L34 78V64H20z'/>",
        "phone" => "<path d='M32 18h36v64H32zm6 10v40h24V28z' fill-rule='evenodd'/>",
        "coins" => "<circle cx='40' cy='42' r='20'/><circle cx='62' cy='60' r='20' fill-opacity='.7'/>",
        "link" => "<circle cx='32' cy='50' r='14'/><circle cx='68' cy='50' r='14'/><path d='M32 45h36v10H32z'/>",
        _ => {
            "<circle cx='50' cy='50' r='14'/><circle cx='50' cy='20' r='8'/><circle cx='76' cy='66' r='8'/><circle cx='24' cy='66' r='8'/>"
        }
    }
}

fn sky(hue: u16) -> String {
    let end = (hue + 40) % 360;
    format!(
        "<defs><linearGradient id='g' x1='0' y1='0' x2='1' y2='1'><stop offset='0' stop-color='hsl({hue},62%,52%)'/>\
         <stop offset='1' stop-color='hsl({end},60%,38%)'/></linearGradient></defs>"
    )
}

fn svg(width: u32, height: u32, inside: &str) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}'>{inside}</svg>\n"
    )
}

/// Text, which names nothing else.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A square icon.
pub fn icon(hue: u16, sign: &str) -> String {
    svg(
        100,
        100,
        &format!("{}<rect width='100' height='100' rx='22' fill='url(#g)'/><g fill='#fff'>{}</g>", sky(hue), glyph(sign)),
    )
}

/// A wide picture for the top of a page.
pub fn hero(hue: u16, sign: &str, name: &str) -> String {
    let name = escaped(name);
    let inside = format!(
        "{}<rect width='1200' height='400' fill='url(#g)'/><g fill='#fff' fill-opacity='.14' transform='translate(760 -60) scale(5.2)'>{}</g>\
         <text x='80' y='225' font-family='Helvetica,Arial,sans-serif' font-size='72' font-weight='700' fill='#fff'>{name}</text>",
        sky(hue),
        glyph(sign)
    );
    svg(1200, 400, &inside)
}

/// How the application may look: a list, or a chart.
pub fn screenshot(hue: u16, name: &str, number: usize) -> String {
    let mut inside = format!(
        "{}<rect width='960' height='600' fill='#f4f6f9'/><rect width='960' height='56' fill='url(#g)'/>\
         <text x='28' y='36' font-family='Helvetica,Arial,sans-serif' font-size='22' fill='#fff'>{}</text>\
         <rect y='56' width='200' height='544' fill='#fff'/>",
        sky(hue),
        escaped(name)
    );
    for row in 0..8_u32 {
        let y = 90 + row * 44;
        let _ = write!(inside, "<rect x='28' y='{y}' width='{}' height='14' rx='7' fill='#c8cfd9'/>", 90 + (row * 37) % 54);
    }
    for row in 0..9_u32 {
        let y = 96 + row * 54;
        if number % 2 == 1 {
            let _ = write!(
                inside,
                "<rect x='228' y='{y}' width='704' height='42' rx='6' fill='#fff'/><circle cx='254' cy='{}' r='10' fill='hsl({hue},50%,60%)'/>\
                 <rect x='280' y='{}' width='{}' height='12' rx='6' fill='#c8cfd9'/>",
                y + 21,
                y + 15,
                180 + (row * 83) % 260
            );
        } else {
            let height = 80 + (row * 131) % 320;
            let (x, top) = (244 + row * 76, 560 - height);
            let _ = write!(inside, "<rect x='{x}' y='{top}' width='52' height='{height}' rx='4' fill='hsl({hue},50%,60%)'/>");
        }
    }
    svg(960, 600, &inside)
}
