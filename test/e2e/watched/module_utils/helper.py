word = 'helped'
