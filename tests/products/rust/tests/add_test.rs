use product::*;

#[test]
fn small() {
    assert_eq!(add(1, 2), 3);
}

#[test]
fn nothing() {
    assert_eq!(add(0, 0), 0);
}
